import type { Consumer, EachBatchPayload, IHeaders, Kafka } from 'kafkajs';
import { wait } from '../wait.ts';
import type { KafkaSpanLogConfig } from './config.ts';
import type { FetchedRecord, GroupMember, MemberEvents } from './driver.ts';

const MAX_FETCH_WAIT_MS = 250;
const RESTART_MS = 500;

/**
 * The library hands over a batch and waits until it is handled before it fetches again, for all partitions of a broker
 * together. So a batch is taken over at once, its offset counts as fetched, and handling and committing happen beside
 * the library's loop, which goes on keeping the membership alive.
 */
export class KafkajsMember implements GroupMember {
  private readonly kafka: Kafka;
  private readonly config: KafkaSpanLogConfig;
  private readonly group: string;
  private readonly topic: string;
  private readonly closing = new AbortController();
  private readonly paused = new Set<number>();
  private events: MemberEvents | undefined;
  private renew: () => void = () => {};
  private consumer: Consumer | undefined;
  private running: Promise<void> | undefined;

  constructor(kafka: Kafka, config: KafkaSpanLogConfig, group: string, topic: string) {
    this.kafka = kafka;
    this.config = config;
    this.group = group;
    this.topic = topic;
  }

  start(events: MemberEvents): void {
    this.events = events;
    this.running = this.run();
  }

  pause(partition: number): void {
    this.paused.add(partition);
    this.consumer?.pause([{ topic: this.topic, partitions: [partition] }]);
  }

  resume(partition: number): void {
    this.paused.delete(partition);
    this.consumer?.resume([{ topic: this.topic, partitions: [partition] }]);
  }

  async commit(partition: number, offset: bigint): Promise<void> {
    await this.consumer?.commitOffsets([{ topic: this.topic, partition, offset: String(offset) }]);
  }

  restart(): void {
    this.revoke();
    this.renew();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  /** A consumer that crashed for good is replaced by a new one. */
  private async run(): Promise<void> {
    while (!this.closed) {
      const consumer = this.createConsumer();
      this.consumer = consumer;
      const over = Promise.withResolvers<void>();
      this.closing.signal.addEventListener('abort', () => over.resolve(), { once: true });
      this.renew = over.resolve;
      this.listen(consumer, over.resolve);
      try {
        await consumer.connect();
        await consumer.subscribe({ topics: [this.topic], fromBeginning: true });
        await consumer.run({
          autoCommit: false,
          partitionsConsumedConcurrently: 1,
          eachBatch: async (payload) => this.takeOver(payload),
        });
        await over.promise;
      } catch (error) {
        this.trouble('joining the group', error);
      }
      this.consumer = undefined;
      await consumer.disconnect().catch((error: unknown) => this.trouble('leaving the group', error));
      if (!this.closed) await wait(RESTART_MS, this.closing.signal);
    }
  }

  private createConsumer(): Consumer {
    const { sessionTimeoutMs, maxDeliveryBytes, maxFetchedBytes } = this.config;
    return this.kafka.consumer({
      groupId: this.group,
      allowAutoTopicCreation: false,
      metadataMaxAge: this.config.metadataRefreshMs,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.ceil(sessionTimeoutMs / 10),
      maxBytesPerPartition: maxDeliveryBytes,
      maxBytes: Math.max(maxDeliveryBytes, maxFetchedBytes / 4),
      maxWaitTimeInMs: MAX_FETCH_WAIT_MS,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => false },
    });
  }

  private listen(consumer: Consumer, crashed: () => void): void {
    const { GROUP_JOIN, REBALANCING, CRASH, END_BATCH_PROCESS } = consumer.events;
    consumer.on(END_BATCH_PROCESS, ({ payload: { partition, batchSize, lastOffset } }) => {
      // Only marks of transactions and aborted records: the library takes them for itself.
      if (batchSize === 0 && !this.closed) this.events?.skipped(partition, BigInt(lastOffset) + 1n);
    });
    consumer.on(REBALANCING, () => this.revoke());
    consumer.on(GROUP_JOIN, ({ payload }) => {
      this.revoke();
      const partitions = payload.memberAssignment[this.topic] ?? [];
      if (!this.closed) this.events?.assigned(partitions);
    });
    consumer.on(CRASH, ({ payload }) => {
      this.revoke();
      this.trouble('consuming', payload.error);
      crashed();
    });
  }

  private revoke(): void {
    for (const partition of [...this.paused]) this.resume(partition);
    if (!this.closed) this.events?.revoked();
  }

  private trouble(doing: string, error: unknown): void {
    if (!this.closed) this.events?.trouble(doing, error);
  }

  private takeOver({ batch, isRunning, isStale }: EachBatchPayload): void {
    if (this.closed || !isRunning() || isStale()) return;
    const records = batch.messages.map(
      (message): FetchedRecord => ({
        partition: batch.partition,
        offset: BigInt(message.offset),
        timestampMs: Number(message.timestamp),
        key: message.key,
        value: message.value,
        headers: headersOf(message.headers ?? {}),
      }),
    );
    this.events?.records(batch.partition, records, BigInt(batch.highWatermark));
    const after = BigInt(batch.lastOffset()) + 1n;
    if (after > (records.at(-1)?.offset ?? after) + 1n) this.events?.skipped(batch.partition, after);
  }
}

/** Of a header that is there more than once the last value counts. */
function headersOf(headers: IHeaders): Map<string, Uint8Array> {
  const map = new Map<string, Uint8Array>();
  for (const [name, values] of Object.entries(headers)) {
    const value = Array.isArray(values) ? values.at(-1) : values;
    if (value !== undefined) map.set(name, typeof value === 'string' ? Buffer.from(value) : value);
  }
  return map;
}
