import type { KafkaCompression } from './config.ts';
import type { PartitionOffsets } from './group-progress.ts';

/** The narrow seam between the log and a client library. Everything that both would do alike lies above it. */

export interface OutgoingRecord {
  readonly partition: number;
  /** Tells others what belongs together (CONTRACT §4); the partition is told beside it. */
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: ReadonlyMap<string, Uint8Array | string>;
}

export interface FetchedRecord {
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: ReadonlyMap<string, Uint8Array>;
}

/** Called by a member. Calls are synchronous; between `revoked` and the next `assigned` there are no `records`. */
export interface MemberEvents {
  /** Every partition was taken away; some may come back with the next `assigned`. May come twice in a row. */
  revoked(): void;
  assigned(partitions: readonly number[]): void;
  /** In offset order within a partition, from the committed offset on, or from the earliest where nothing is committed. */
  records(partition: number, records: readonly FetchedRecord[], endOffset: bigint): void;
  /** Between what was given and `next` there is nothing to give: marks of transactions, or what was removed. */
  skipped(partition: number, next: bigint): void;
  /** Something failed and will be tried again. */
  trouble(doing: string, error: unknown): void;
}

/** A member of a consumer group. It joins, keeps the membership alive and fetches; it commits only what it is told. */
export interface GroupMember {
  /** Returns at once; goes on trying until `close()`. */
  start(events: MemberEvents): void;
  pause(partition: number): void;
  resume(partition: number): void;
  /** `offset` is the next one to read. Throws where the group did not take it. */
  commit(partition: number, offset: bigint): Promise<void>;
  /** Leaves, joins again and fetches anew from the committed offsets, by new connections. */
  restart(): void;
  /** Leaves the group. No events afterwards. */
  close(): Promise<void>;
}

/** Told of each try of a send that failed, whether or not it is tried again. */
export type SendFailed = (error: unknown) => void;

export interface TopicPartitions {
  readonly count: number;
  /** Those that no broker leads just now. */
  readonly leaderless: ReadonlySet<number>;
}

export interface KafkaDriver {
  /** Asks the brokers. Throws for a topic that does not exist, and never makes it exist. */
  partitions(topic: string): Promise<TopicPartitions>;
  /** What a record batch may have after compression: `max.message.bytes`, the topic's or the brokers'. Throws where we may not ask. */
  maxMessageBytes(topic: string): Promise<number>;
  /** Asks the brokers; partitions that they do not tell of, because nobody leads them, are left out. */
  offsets(group: string, topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, PartitionOffsets>>;
  /**
   * Idempotent, `acks=all`, one record batch per partition. Resolves when all in-sync replicas have every record.
   * Tries again for long, but not where a partition stays without a leader; when it throws, any of the records may have been written. Not called again for a partition
   * of `topic` before it has settled. Compressed as set, unless told otherwise.
   */
  send(topic: string, records: readonly OutgoingRecord[], compression?: KafkaCompression): Promise<void>;
  member(group: string, topic: string): GroupMember;
  /** Unsettled sends fail. */
  close(): Promise<void>;
}
