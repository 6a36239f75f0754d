import type { Clock } from '@spoor/model';
import type { Logger } from 'pino';
import type { DeadLetter, SpanLogConsumer, SpanLogHandler, SpanLogRecord } from '../span-log.ts';
import { backOffMs, unlessAborted, wait } from '../wait.ts';
import type { KafkaSpanLogConfig } from './config.ts';
import type { FetchedRecord, GroupMember, KafkaDriver, MemberEvents, OutgoingRecord } from './driver.ts';
import { reasonOf } from './errors.ts';
import { PartitionWork, sizeOf } from './partition-work.ts';
import { deadLetterRecord, type ReadRecord, readRecord } from './record-format.ts';

export interface GroupConsumerDependencies {
  readonly driver: () => Promise<KafkaDriver>;
  /** Resolves when the brokers have the record in the dead-letter topic. */
  readonly placeLetter: (record: OutgoingRecord, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  readonly clock: Clock;
}

const COMMIT_ATTEMPTS = 5;
type Letter = Pick<DeadLetter, 'reason' | 'message' | 'spanCount'>;

/** A consumer over a group member of either client: deliveries, dead letters, commits, bounds. */
export class GroupConsumer implements SpanLogConsumer, MemberEvents {
  readonly name: string;
  private readonly group: string;
  private readonly handler: SpanLogHandler;
  private readonly config: KafkaSpanLogConfig;
  private readonly dependencies: GroupConsumerDependencies;
  private readonly logger: Logger;
  private readonly works = new Map<number, PartitionWork>();
  /** The end of the last work on each partition. */
  private readonly ends = new Map<number, Promise<void>>();
  private readonly paused = new Set<number>();
  private readonly progress = new Map<number, { end: bigint; next: bigint }>();
  private readonly stopping = new AbortController();
  private member: GroupMember | undefined;
  private heldBytes = 0;
  private seenRecords = 0;
  private seenBytes = 0;

  constructor(
    group: string,
    handler: SpanLogHandler,
    config: KafkaSpanLogConfig,
    dependencies: GroupConsumerDependencies,
  ) {
    this.name = `span-log consumer ${group}`;
    this.group = group;
    this.handler = handler;
    this.config = config;
    this.dependencies = dependencies;
    this.logger = dependencies.logger.child({ group, topic: config.topic });
  }

  async start(): Promise<void> {
    if (this.stopping.signal.aborted || this.member !== undefined) return;
    const driver = await this.dependencies.driver();
    this.member = driver.member(this.group, this.config.topic);
    this.member.start(this);
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
  }

  /** Of this member's partitions. The bytes are an estimate from the records seen so far. */
  lag(): { readonly records: number; readonly bytes: number } {
    let records = 0;
    for (const { end, next } of this.progress.values()) records += Number(end > next ? end - next : 0n);
    const average = this.seenRecords === 0 ? 0 : this.seenBytes / this.seenRecords;
    return { records, bytes: Math.round(records * average) };
  }

  revoked(): void {
    for (const [partition, work] of this.works) this.ends.set(partition, work.abort());
    this.works.clear();
    this.progress.clear();
    this.paused.clear();
  }

  assigned(partitions: readonly number[]): void {
    this.revoked();
    if (this.stopping.signal.aborted) return;
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
  }

  records(partition: number, records: readonly FetchedRecord[], endOffset: bigint): void {
    const work = this.works.get(partition);
    const first = records[0];
    if (work === undefined || first === undefined || this.stopping.signal.aborted) return;
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0);
    this.seenRecords += records.length;
    this.seenBytes += bytes;
    this.heldBytes += bytes;
    this.progress.set(partition, { end: endOffset, next: this.progress.get(partition)?.next ?? first.offset });
    work.add(records);
    this.regulate();
  }

  trouble(doing: string, error: unknown): void {
    this.logger.warn({ reason: reasonOf(error) }, `Kafka failed while ${doing}; it will be tried again`);
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
    const read = fetched.map(readRecord);
    const letters = await this.handle(read, signal);
    if (letters === 'aborted') return false;
    if (!(await this.placeDeadLetters(fetched, letters, signal))) return false;
    const last = fetched.at(-1);
    if (signal.aborted || last === undefined) return false;
    return this.commit(partition, last.offset + 1n, signal);
  }

  /** The letters by the index of their records. The same records again until the handler has finished them. */
  private async handle(
    read: readonly ReadRecord[],
    signal: AbortSignal,
  ): Promise<readonly (readonly [number, Letter])[] | 'aborted'> {
    const letters: (readonly [number, Letter])[] = [];
    const records: SpanLogRecord[] = [];
    const indexes = new Map<SpanLogRecord, number>();
    for (const [index, one] of read.entries()) {
      if ('record' in one) {
        records.push(one.record);
        indexes.set(one.record, index);
      } else letters.push([index, one]);
    }
    for (let failures = 0; records.length > 0; failures += 1) {
      try {
        for (const letter of await this.handler(records, signal)) letters.push([indexes.get(letter.record)!, letter]);
        break;
      } catch {
        // The handler reports its own trouble; here it only means: the same records again, a little later.
        await wait(backOffMs(failures), signal);
        if (signal.aborted) return 'aborted';
      }
    }
    return letters;
  }

  /** Before the commit: where the letters cannot be placed the partition waits. */
  private async placeDeadLetters(
    fetched: readonly FetchedRecord[],
    letters: readonly (readonly [number, Letter])[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (letters.length === 0) return !signal.aborted;
    const { topic, deadLetterTopic } = this.config;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const driver = await this.dependencies.driver();
        const partitions = await driver.partitionCount(deadLetterTopic);
        const origin = { topic, nowMs: this.dependencies.clock.nowMs() };
        const records: OutgoingRecord[] = letters.map(([index, letter]) => {
          const record = fetched[index]!;
          return deadLetterRecord(record, letter, origin, record.partition % partitions);
        });
        const placed = Promise.all(records.map((record) => this.dependencies.placeLetter(record, signal)));
        return (await unlessAborted(placed, signal)) !== 'aborted';
      } catch (error) {
        this.trouble(`writing dead letters to ${deadLetterTopic}`, error);
        await wait(backOffMs(failures), signal);
      }
    }
    return false;
  }

  /** A commit that fails costs repetitions, never spans: a later one covers it. */
  private async commit(partition: number, next: bigint, signal: AbortSignal): Promise<boolean> {
    for (let attempt = 0; attempt < COMMIT_ATTEMPTS && !signal.aborted; attempt += 1) {
      try {
        await this.member?.commit(partition, next);
        const progress = this.progress.get(partition);
        if (progress !== undefined) progress.next = next;
        return true;
      } catch (error) {
        this.trouble(`committing offset ${next} of partition ${partition}`, error);
        await wait(backOffMs(attempt), signal);
      }
    }
    return !signal.aborted;
  }
}
