import type { Clock } from '@spoor/model';
import type { Logger } from 'pino';
import type { LogMetrics } from '../log-metrics.ts';
import type { LogLag, SpanLogConsumer, SpanLogConsumerOptions, SpanLogHandler } from '../span-log.ts';
import { backOffMs, unlessAborted, wait } from '../wait.ts';
import type { KafkaSpanLogConfig } from './config.ts';
import type { FetchedRecord, GroupMember, KafkaDriver, MemberEvents, OutgoingRecord } from './driver.ts';
import type { RecordCodecs } from './encodings.ts';
import { reasonOf } from './errors.ts';
import { GroupProgress } from './group-progress.ts';
import { Membership } from './membership.ts';
import { heldOf, PartitionWork } from './partition-work.ts';
import { Settling } from './settling.ts';
import { StallWatch } from './stall-watch.ts';

export interface GroupConsumerDependencies {
  readonly driver: () => Promise<KafkaDriver>;
  /** Resolves when the brokers have the record in the dead-letter topic. */
  readonly placeLetter: (record: OutgoingRecord, signal: AbortSignal) => Promise<void>;
  readonly codecs?: RecordCodecs;
  readonly logger: Logger;
  readonly metrics: LogMetrics;
  readonly clock: Clock;
}

const COMMIT_ATTEMPTS = 5;
const MAX_WATCH_INTERVAL_MS = 5_000;
const MAX_ANSWER_MS = 5_000;

/** A consumer over a group member of either client: deliveries, commits, bounds, and how far it is. */
export class GroupConsumer implements SpanLogConsumer, MemberEvents {
  readonly name: string;
  private readonly group: string;
  private readonly config: KafkaSpanLogConfig;
  private readonly options: SpanLogConsumerOptions;
  private readonly dependencies: GroupConsumerDependencies;
  private readonly logger: Logger;
  private readonly settling: Settling;
  private readonly works = new Map<number, PartitionWork>();
  /** The end of the last work on each partition. */
  private readonly ends = new Map<number, Promise<void>>();
  private readonly paused = new Set<number>();
  private readonly progress = new GroupProgress();
  private readonly stalls: StallWatch;
  private readonly membership: Membership;
  private readonly stopping = new AbortController();
  private member: GroupMember | undefined;
  private watching: Promise<void> | undefined;
  private watchNow: () => void = () => {};
  private heldBytes = 0;
  private highWaterBytes = 0;

  constructor(
    group: string,
    handler: SpanLogHandler,
    config: KafkaSpanLogConfig,
    dependencies: GroupConsumerDependencies,
    options: SpanLogConsumerOptions = {},
  ) {
    this.name = `span-log consumer ${group}`;
    this.group = group;
    this.config = config;
    this.options = options;
    this.dependencies = dependencies;
    this.logger = dependencies.logger.child({ group, topic: config.topic });
    this.stalls = new StallWatch(config.stallTimeoutMs);
    this.membership = new Membership(group, config.sessionTimeoutMs);
    const { topic, deadLetterTopic, encoding } = config;
    const reading = { encoding, codecs: dependencies.codecs ?? {} };
    const trouble = (doing: string, error: unknown) => this.trouble(doing, error);
    this.settling = new Settling({ ...dependencies, topic, deadLetterTopic, handler, reading, trouble });
  }

  async start(): Promise<void> {
    if (this.stopping.signal.aborted || this.member !== undefined) return;
    const driver = await this.dependencies.driver();
    this.member = driver.member(this.group, this.config.topic);
    this.member.start(this);
    this.watching = this.watch(driver);
  }

  /** Finishes the deliveries that are under way; what else was fetched stays in the log for the next member. */
  async stop(signal: AbortSignal): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    const works = [...this.works.values()];
    for (const partition of this.works.keys()) this.member?.pause(partition);
    const finished = Promise.all(works.map((work) => work.finishCurrent()));
    if ((await unlessAborted(finished, signal)) === 'aborted') await Promise.all(works.map((work) => work.abort()));
    this.works.clear();
    await this.member?.close();
    await this.watching;
  }

  lag(): LogLag {
    return this.progress.lag((partition) => this.works.get(partition)?.held(), this.dependencies.clock.nowMs());
  }

  /** Bytes that are fetched and not finished, now and at the most. */
  fetched(): { readonly bytes: number; readonly highWaterBytes: number } {
    return { bytes: this.heldBytes, highWaterBytes: this.highWaterBytes };
  }

  readiness(): { readonly ready: boolean; readonly reason?: string } {
    const nowMs = this.dependencies.clock.nowMs();
    const reason = this.settling.letterTrouble() ?? this.membership.reason(nowMs) ?? this.stalls.reason();
    return reason === undefined ? { ready: true } : { ready: false, reason };
  }

  revoked(): void {
    this.membership.left(this.dependencies.clock.nowMs());
    for (const [partition, work] of this.works) this.ends.set(partition, work.abort());
    this.works.clear();
    this.paused.clear();
    this.stalls.forget();
  }

  assigned(partitions: readonly number[]): void {
    this.revoked();
    if (this.stopping.signal.aborted) return;
    this.membership.joined();
    this.progress.assign(partitions);
    for (const partition of partitions) {
      const settings = {
        partition,
        maxDeliveryBytes: this.config.maxDeliveryBytes,
        finish: (records: readonly FetchedRecord[], signal: AbortSignal) => this.finish(partition, records, signal),
        taken: () => this.regulate(),
        released: (bytes: number) => this.release(bytes),
      };
      this.works.set(partition, new PartitionWork(settings, this.ends.get(partition) ?? Promise.resolve()));
    }
    this.logger.info({ partitions: [...partitions] }, 'partitions assigned');
    this.watchNow();
  }

  records(partition: number, records: readonly FetchedRecord[], endOffset: bigint): void {
    const work = this.works.get(partition);
    const last = records.at(-1);
    if (work === undefined || last === undefined || this.stopping.signal.aborted) return;
    const held = heldOf(records);
    this.progress.saw(held);
    this.progress.fetched(partition, last.offset + 1n, endOffset);
    this.heldBytes += held.bytes;
    this.highWaterBytes = Math.max(this.highWaterBytes, this.heldBytes);
    work.add(records);
    this.regulate();
  }

  skipped(partition: number, next: bigint): void {
    const work = this.works.get(partition);
    if (work === undefined || this.stopping.signal.aborted) return;
    this.progress.fetched(partition, next, undefined);
    // Otherwise it is committed with what is held before it.
    if (work.held().records === 0) void this.commit(partition, next, undefined, this.stopping.signal);
  }

  trouble(doing: string, error: unknown): void {
    const reason = reasonOf(error);
    this.membership.troubled(`Kafka failed while ${doing}: ${reason}`);
    this.logger.warn({ reason }, `Kafka failed while ${doing}; it will be tried again`);
  }

  private release(bytes: number): void {
    this.heldBytes -= bytes;
    this.regulate();
  }

  /** One delivery may wait while one is under way; past the bound of all together nothing is fetched at all. */
  private regulate(): void {
    const isFull = this.heldBytes >= this.config.maxFetchedBytes;
    for (const [partition, work] of this.works) {
      const waiting = work.waitingBytes();
      if (isFull || waiting >= this.config.maxDeliveryBytes) {
        if (!this.paused.has(partition)) this.member?.pause(partition);
        this.paused.add(partition);
      } else if (this.paused.delete(partition)) {
        this.member?.resume(partition);
      }
    }
  }

  private async finish(partition: number, fetched: readonly FetchedRecord[], signal: AbortSignal): Promise<boolean> {
    const last = fetched.at(-1);
    if (last === undefined || !(await this.settling.settle(fetched, signal))) return false;
    const isAll = this.works.get(partition)?.held().records === fetched.length;
    const after = last.offset + 1n;
    const position = this.progress.positionOf(partition) ?? after;
    // Behind the last one there may be what is never given.
    return this.commit(partition, isAll && position > after ? position : after, last.timestampMs, signal);
  }

  /** A commit that fails costs repetitions, never spans: a later one covers it. */
  private async commit(
    partition: number,
    next: bigint,
    finishedMs: number | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < COMMIT_ATTEMPTS && !signal.aborted; attempt += 1) {
      try {
        await this.member?.commit(partition, next);
        this.progress.committed(partition, next, finishedMs);
        return true;
      } catch (error) {
        this.trouble(`committing offset ${next} of partition ${partition}`, error);
        await wait(backOffMs(attempt), signal);
      }
    }
    return !signal.aborted;
  }

  /** Asks the brokers now and then how far the partitions go, for the lag and to find out what stands still. */
  private async watch(driver: KafkaDriver): Promise<void> {
    const interval = Math.min(this.config.stallTimeoutMs / 4, MAX_WATCH_INTERVAL_MS);
    while (!this.stopping.signal.aborted) {
      const woken = new AbortController();
      this.watchNow = () => woken.abort();
      await this.compare(driver);
      await wait(interval, AbortSignal.any([this.stopping.signal, woken.signal]));
    }
  }

  private async compare(driver: KafkaDriver): Promise<void> {
    const partitions = this.progress.assigned();
    if (partitions.length === 0) return;
    try {
      const question = driver.offsets(this.group, this.config.topic, partitions);
      const limit = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(MAX_ANSWER_MS)]);
      const offsets = await unlessAborted(question, limit);
      if (offsets === 'aborted') throw new Error(`no answer within ${MAX_ANSWER_MS} ms`);
      const nowMs = this.dependencies.clock.nowMs();
      for (const [partition, one] of offsets) this.progress.told(partition, one, nowMs);
      this.findStalls(nowMs, offsets);
    } catch (error) {
      this.stalls.forget();
      if (!this.stopping.signal.aborted) this.trouble('asking how far the partitions go', error);
    }
  }

  private findStalls(nowMs: number, led: ReadonlyMap<number, unknown>): void {
    const storageTrouble = this.options.storageTrouble?.() ?? this.settling.letterTrouble();
    const observations = [...this.works].flatMap(([partition, work]) => {
      const known = this.progress.of(partition);
      const waitsForMemory = this.paused.has(partition) && work.held().records === 0;
      return known === undefined
        ? []
        : {
            partition,
            ...known,
            // Nobody leads what the brokers did not tell of.
            isExcused: storageTrouble !== undefined || waitsForMemory || !led.has(partition),
          };
    });
    const found = this.stalls.observe(observations, nowMs);
    if (found.length === 0) return;
    this.dependencies.metrics.stalled(found.length);
    const told = found.map(({ partition, next, end }) => ({ partition, next: String(next), end: String(end) }));
    this.logger.error({ stalled: told }, `no progress for ${this.config.stallTimeoutMs} ms`);
    // Joining again cannot help what the handler has.
    if (found.some(({ partition }) => !this.works.get(partition)?.isBusy())) this.member?.restart();
  }
}
