import type { Component, DiscardReason, Rejection, RequestContext, SpanBatch } from '@spoor/model';

/** A batch bound for a partition (0 … partitionCount − 1; `partitionOfTraceId` chooses it). */
export interface PartitionedBatch extends SpanBatch {
  readonly partition: number;
}

/** A batch as it lies in the log. */
export interface SpanLogRecord extends PartitionedBatch {
  /** Grows by one a record within a partition. */
  readonly offset: bigint;
  /** When the log took it, milliseconds since the Unix epoch. */
  readonly appendedAtMs: number;
}

/** Spans that the handler can never store, as one batch: a whole record that cannot be decoded, or what the store rejected of it. */
export interface DeadLetter {
  readonly record: SpanLogRecord;
  readonly reason: DiscardReason;
  readonly message: string;
  readonly spanCount: number;
}

export interface SpanLogProducer {
  /** At least 1. May grow while the process runs; callers ask before each batch. */
  partitionCount(): number;
  /**
   * Resolves when the log is responsible for every batch: over Kafka when all in-sync replicas have them, in process when the
   * consumer's handler has. What comes back was set aside as dead letters already and will not be stored (only in process).
   * Throws `SPOOR_OVERLOADED` (with `retryAfterMs`) at once when the bound of bytes in flight is reached. When it throws,
   * the batches may or may not be in the log: appending them again is safe, because stores are idempotent.
   */
  append(batches: readonly PartitionedBatch[], context: Pick<RequestContext, 'signal'>): Promise<readonly Rejection[]>;
}

/**
 * Called with records of one partition in offset order, never concurrently for one partition, concurrently for several.
 * Resolves when every record is durably stored or returned as a dead letter; the log then places the dead letters and commits.
 * When it throws, or the process dies, the same records come again. `signal` aborts when the partition is taken away.
 */
export type SpanLogHandler = (records: readonly SpanLogRecord[], signal: AbortSignal) => Promise<readonly DeadLetter[]>;

/** What the log has for a consumer and its group has not committed. `NaN` while that is not known. */
export interface LogLag {
  readonly records: number;
  /** Over Kafka exact for what is fetched, for the rest an estimate from the records seen so far; so are the bytes. */
  readonly spans: number;
  readonly bytes: number;
  /** The age of the oldest of these records; 0 when there is none. */
  readonly seconds: number;
}

export interface SpanLogConsumer extends Component {
  /** Of this consumer's partitions. Through a rebalance it stays what it was until the new partitions are known. */
  lag(): LogLag;
  /** Not ready outside its group, while a partition stands still, or dead letters cannot be placed. No partitions are fine. */
  readiness(): { readonly ready: boolean; readonly reason?: string };
}

export interface SpanLogConsumerOptions {
  /** Why the handler's storage takes nothing at the moment, if it knows: then waiting for it is no fault of the log. */
  readonly storageTrouble?: () => string | undefined;
}

/** Ordered, partitioned, durable once acknowledged. Over Kafka, and in process. */
export interface SpanLog extends Component {
  producer(): SpanLogProducer;
  /** A member of `group`. Delivery begins with the consumer's `start()`. */
  consumer(group: string, handler: SpanLogHandler, options?: SpanLogConsumerOptions): SpanLogConsumer;
}
