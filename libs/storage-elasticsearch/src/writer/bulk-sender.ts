import { classify, SpoorError } from '@spoor/model';
import type { Logger } from 'pino';
import type { SearchResponse, SearchServer } from '../transport/search-server.ts';
import type { BulkBody, BulkItem } from './bulk-body.ts';
import { bulkItems, type ItemOutcome, itemOutcome, requestOutcome } from './item-outcome.ts';
import type { Pace } from './pace.ts';
import type { WriterMetrics } from './writer-metrics.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;
/** Per item only what tells its outcome: the whole answer is as long as the request. */
const FILTER = 'items.*.status,items.*.error.type,items.*.error.reason';

export interface BulkSenderOptions {
  readonly refresh: 'none' | 'wait' | 'now';
  /** How long what failed is sent again. */
  readonly retryForMs: number;
  /** With aliases, an index must never be made by writing to it: it would bear the alias's name. */
  readonly requireAlias: boolean;
  /** How long the servers may wait for a shard that is away; then they answer, and what the others stored is settled. */
  readonly shardWaitMs: number;
}

export interface BulkSenderDependencies {
  readonly server: SearchServer;
  readonly pace: Pace;
  readonly metrics: WriterMetrics;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** `undefined` when indices may be made, else resolves when they may: see `IndexCare`. */
  readonly ready: () => Promise<void> | undefined;
  /** The servers did not answer: what they hold may have changed when they do again. */
  readonly onSilence: (reason: string) => void;
  /** A service entry is in its index. */
  readonly onService: (service: string) => void;
}

/** Sends a body until each of its items is settled: stored, rejected, or given up after trying for a while. */
export class BulkSender {
  private readonly options: BulkSenderOptions;
  private readonly deps: BulkSenderDependencies;

  constructor(options: BulkSenderOptions, deps: BulkSenderDependencies) {
    this.options = options;
    this.deps = deps;
  }

  /** Settles every item and never throws. `signal` aborts what is under way; what is not settled then counts as failed. */
  async send(body: BulkBody, signal: AbortSignal): Promise<void> {
    const untilMs = this.deps.nowMs() + this.options.retryForMs;
    let waitMs = FIRST_WAIT_MS;
    while (body.items.length > 0) {
      const attempt = await this.attempt(body, signal);
      if (attempt === undefined) continue;
      const { wait, random, nowMs } = this.deps;
      // Between half and the whole, so that several writers do not come back in step.
      const pauseMs = attempt.retryAfterMs ?? waitMs * (0.5 + random() / 2);
      if (signal.aborted || nowMs() + pauseMs > untilMs) {
        this.giveUp(body, attempt.message);
        return;
      }
      await wait(pauseMs, signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  /** Sends what is left once. Returns why and when to send again; `undefined` when there is nothing left to wait for. */
  private async attempt(
    body: BulkBody,
    signal: AbortSignal,
  ): Promise<{ message: string; retryAfterMs: number | undefined } | undefined> {
    const { pace, metrics, nowMs } = this.deps;
    const sentBytes = body.length;
    const beganMs = nowMs();
    let response: SearchResponse;
    try {
      await this.deps.ready();
      response = await this.post(body, signal);
    } catch (thrown) {
      const { message } = classify(thrown);
      this.deps.onSilence(message);
      metrics.requests.inc({ result: 'failed' });
      // Nothing came back: connections are lost as much to load as to anything else.
      pace.refused();
      return { message, retryAfterMs: undefined };
    }
    const elapsedMs = nowMs() - beganMs;
    metrics.seconds.observe(elapsedMs / 1000);
    metrics.bytes.inc(sentBytes);
    const answers = response.status === 200 ? bulkItems(response.body) : undefined;
    if (answers !== undefined && answers.length === body.items.length) {
      const trouble = this.settle(body, answers.map(itemOutcome));
      metrics.requests.inc({ result: trouble === undefined ? 'taken' : 'partly' });
      if (trouble === undefined) pace.answered(sentBytes, elapsedMs);
      else pace.refused();
      return trouble === undefined ? undefined : { message: trouble, retryAfterMs: response.retryAfterMs };
    }
    metrics.requests.inc({ result: 'refused' });
    if (response.status === 200)
      return { message: 'the answer to a bulk request was not one', retryAfterMs: undefined };
    const outcome = requestOutcome(response.status, response.body);
    if (outcome.kind === 'retry') {
      if (outcome.isOverload) pace.refused();
      return { message: outcome.message, retryAfterMs: response.retryAfterMs };
    }
    if (outcome.reason === 'too_large') pace.tooLarge(sentBytes);
    if (body.items.length === 1) {
      this.settle(body, [{ kind: 'rejected', reason: outcome.reason, message: outcome.message }]);
      return undefined;
    }
    await this.send(body.split(), signal);
    return undefined;
  }

  private post(body: BulkBody, signal: AbortSignal): Promise<SearchResponse> {
    const { refresh, requireAlias, shardWaitMs } = this.options;
    return this.deps.server.request({
      method: 'POST',
      path: '/_bulk',
      query: {
        filter_path: FILTER,
        timeout: `${shardWaitMs}ms`,
        ...(requireAlias ? { require_alias: true } : {}),
        ...(refresh === 'none' ? {} : { refresh: refresh === 'now' ? 'true' : 'wait_for' }),
      },
      body: body.buffer.content(),
      contentType: 'application/x-ndjson',
      signal,
    });
  }

  /** Settles what is decided and keeps the rest. Returns the first reason why something is left. */
  private settle(body: BulkBody, outcomes: readonly ItemOutcome[]): string | undefined {
    const { metrics, onService, logger } = this.deps;
    const left: BulkItem[] = [];
    let trouble: string | undefined;
    let [stored, thereBefore, rejected] = [0, 0, 0];
    body.items.forEach((item, i) => {
      const { ticket, service } = item;
      const isSpan = service === undefined;
      const outcome = outcomes[i]!;
      if (outcome.kind === 'retry') {
        trouble ??= outcome.message;
        left.push(item);
      } else if (outcome.kind === 'stored') {
        stored += 1;
        if (isSpan && outcome.wasThere) thereBefore += 1;
        if (!isSpan) onService(service);
        ticket.stored(isSpan);
      } else {
        rejected += 1;
        if (!isSpan) logger.warn({ service }, `a service entry was refused: ${outcome.message}`);
        ticket.rejected(outcome.reason, outcome.message, isSpan);
      }
    });
    metrics.items.inc({ outcome: 'stored' }, stored);
    metrics.items.inc({ outcome: 'rejected' }, rejected);
    metrics.items.inc({ outcome: 'retried' }, left.length);
    metrics.duplicateSpans.inc(thereBefore);
    if (left.length < body.items.length) body.keep(left);
    return trouble;
  }

  private giveUp(body: BulkBody, message: string): void {
    const error = new SpoorError('SPOOR_STORAGE_UNAVAILABLE', message);
    const { items } = body;
    body.keep([]);
    for (const { ticket } of items) ticket.failed(error);
  }
}
