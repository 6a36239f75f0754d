import { classify, SpoorError } from '@spoor/model';
import type { Logger } from 'pino';
import type { Counter } from 'prom-client';
import type { IndexNames } from '../index-names.ts';
import { createFirstIndex, type Rollover, type RolloverConditions, rollOver } from '../indices/aliases.ts';
import { ask } from '../indices/ask.ts';
import { rollOverStream } from '../indices/data-streams.ts';
import { deleteIndices } from '../indices/delete.ts';
import { demandPolicy } from '../indices/life-cycle.ts';
import { listIndices } from '../indices/list.ts';
import type { SearchServer } from '../transport/search-server.ts';
import { giveLeaseBack, type LeaseOptions, takeLease } from './lease.ts';
import { doomedIndices, type RetentionLimits } from './retention.ts';
import type { TemplateKeeper } from './template-keeper.ts';

export interface IndexCareOptions {
  /** Only looks whether the servers answer: nothing is made, changed or deleted. */
  readonly readOnly: boolean;
  /** Those of every kind that is written, and of every layout that is read: what retention counts and deletes. */
  readonly names: readonly IndexNames[];
  /** Those of them that are written by aliases; empty for periodic indices. */
  readonly rotated: readonly IndexNames[];
  /** Those that are data streams. */
  readonly streams: readonly IndexNames[];
  /** `undefined` where a life-cycle policy of the servers rolls over. */
  readonly rollover: RolloverConditions | undefined;
  /** The policy's name. Nothing is written before the servers have it: one index would grow without end. */
  readonly policy: string | undefined;
  readonly retention: RetentionLimits;
  readonly intervalMs: number;
  readonly lease: LeaseOptions;
}

export interface IndexCareDependencies {
  readonly server: SearchServer;
  /** `undefined` where somebody else puts the templates. */
  readonly templates: TemplateKeeper | undefined;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly deleted: Counter;
  readonly rollovers: Counter;
}

/**
 * Looks after the indices for as long as the process lives: templates and first indices before anything is written, then again
 * and again; rolling over and retention by one process at a time, which a lease decides.
 */
export class IndexCare {
  private readonly options: IndexCareOptions;
  private readonly deps: IndexCareDependencies;
  private readonly aborter = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private preparing: Promise<void> | undefined;
  private isPrepared = false;
  private turnedAtMs = Number.NEGATIVE_INFINITY;
  private running: Promise<void> | undefined;
  private trouble: string | undefined;
  private isPolicyDoubted = false;

  constructor(options: IndexCareOptions, deps: IndexCareDependencies) {
    this.options = options;
    this.deps = deps;
  }

  /** Does not wait for the servers. */
  start(): void {
    this.again();
  }

  private again(): void {
    clearTimeout(this.timer);
    this.running = (this.running ?? Promise.resolve())
      .then(() => this.turnOrLook())
      .finally(() => {
        if (this.aborter.signal.aborted) return;
        clearTimeout(this.timer);
        // Until the indices may be written to, it is tried soon again.
        this.timer = setTimeout(() => this.again(), this.isPrepared ? LOOK_MS : RETRY_MS);
        this.timer.unref();
      });
  }

  /** A whole round when it is time for one; else only whether the servers are there, for readiness. */
  private async turnOrLook(): Promise<void> {
    const now = this.deps.nowMs();
    if (!this.isPrepared || now - this.turnedAtMs >= this.options.intervalMs) {
      this.turnedAtMs = now;
      await this.turn();
      return;
    }
    try {
      await this.look();
    } catch (thrown) {
      this.doubt(classify(thrown).message);
    }
  }

  private async look(): Promise<void> {
    const expected = [403, 404, 405];
    await ask(this.deps.server, { method: 'GET', path: '/', expected, signal: this.aborter.signal });
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.aborter.abort();
    await this.running;
  }

  /** Why nothing can be written; `undefined` when it can. */
  get reason(): string | undefined {
    if (this.isPrepared) return undefined;
    return this.trouble ?? 'the index templates were not looked at yet';
  }

  /**
   * `undefined` when indices may be made; else it is seen to now. Throws `SPOOR_STORAGE_UNAVAILABLE` when the servers do not
   * answer or refuse, which may pass.
   */
  ready(): Promise<void> | undefined {
    return this.isPrepared ? undefined : this.prepareOnce();
  }

  private prepareOnce(): Promise<void> {
    return (this.preparing ??= this.prepare().finally(() => {
      this.preparing = undefined;
    }));
  }

  /** The servers were away, and may have come back as others: all is looked at again before the next write. */
  doubt(reason: string): void {
    if (!this.isPrepared) return;
    this.isPrepared = false;
    this.trouble = reason;
    clearTimeout(this.timer);
    if (this.aborter.signal.aborted) return;
    this.timer = setTimeout(() => this.again(), RETRY_MS);
    this.timer.unref();
  }

  /** One round, now. For tests and tools. */
  async turn(): Promise<void> {
    try {
      // Also when all was well before: templates and aliases may have been changed since.
      await this.prepareOnce();
      if (!this.options.readOnly) await this.tend();
      this.trouble = undefined;
    } catch (thrown) {
      if (this.aborter.signal.aborted) return;
      const error = classify(thrown);
      if (this.trouble !== error.message)
        this.deps.logger.warn({ code: error.code }, `the indices cannot be looked after: ${error.message}`);
      this.trouble = error.message;
    }
  }

  private async prepare(): Promise<void> {
    const { server, templates } = this.deps;
    const { readOnly, rotated, rollover, policy } = this.options;
    const { signal } = this.aborter;
    try {
      await this.look();
      if (!readOnly) {
        if (policy !== undefined) await this.demandPolicy(policy);
        await templates?.ensure(signal);
        // A policy of the servers rolls over only an index that is marked.
        const markWriteIndex = rollover === undefined;
        for (const names of rotated) await createFirstIndex(server, names, { markWriteIndex, signal });
      }
    } catch (thrown) {
      this.isPrepared = false;
      throw asTrouble(thrown);
    }
    if (!this.isPrepared) this.deps.logger.info('the search servers are there, and their indices are as they must be');
    this.isPrepared = true;
  }

  private async demandPolicy(policy: string): Promise<void> {
    try {
      await demandPolicy(this.deps.server, policy, this.aborter.signal);
    } catch (thrown) {
      const { code, message } = classify(thrown);
      if (code !== 'SPOOR_PERMISSION_DENIED') throw thrown;
      if (!this.isPolicyDoubted)
        this.deps.logger.warn({ code, policy }, `it cannot be seen whether the servers have the policy: ${message}`);
      this.isPolicyDoubted = true;
    }
  }

  /** What one process at a time does. */
  private async tend(): Promise<void> {
    const { rotated, streams, rollover, retention, lease } = this.options;
    const keepsAll = retention.maxAgeMs === 0 && retention.maxBytes === 0;
    if (keepsAll && (rollover === undefined || rotated.length + streams.length === 0)) return;
    const { server } = this.deps;
    const { signal } = this.aborter;
    if (!(await takeLease(server, lease, signal))) return;
    try {
      if (rollover !== undefined) {
        for (const names of rotated) this.told(await rollOver(server, names, rollover, signal));
        for (const { base } of streams) this.told(await rollOverStream(server, base, rollover, signal));
      }
      if (!keepsAll) await this.deleteOld(signal);
    } finally {
      await giveLeaseBack(server, lease, AbortSignal.timeout(GIVE_BACK_MS));
    }
  }

  private told(rollover: Rollover | undefined): void {
    if (rollover?.rolledOver !== true) return;
    const { oldIndex, newIndex } = rollover;
    this.deps.rollovers.inc();
    this.deps.logger.info({ oldIndex, newIndex }, 'began a new index');
  }

  private async deleteOld(signal: AbortSignal): Promise<void> {
    const { server, nowMs, logger, deleted } = this.deps;
    const { names, retention } = this.options;
    const indices = await listIndices(
      server,
      names.map(({ pattern }) => pattern),
      signal,
    );
    for (const { name, reason } of doomedIndices(indices, names, retention, nowMs())) {
      await deleteIndices(server, [name], { signal });
      deleted.inc({ reason });
      logger.info({ index: name, reason }, 'retention deleted an index');
    }
  }
}

/** How often it is asked whether the servers are there. */
const LOOK_MS = 10_000;
const RETRY_MS = 2_000;
const GIVE_BACK_MS = 2_000;

/** Whatever is refused here can be put right while we run: the login, the rights, a template in the way. */
function asTrouble(thrown: unknown): SpoorError {
  const error = classify(thrown);
  if (error.kind === 'retryable') return error;
  return new SpoorError('SPOOR_STORAGE_UNAVAILABLE', error.message, { cause: error });
}
