import { Consumer, Producer } from '@platformatic/kafka';
import { BatchLimit } from './batch-limit.ts';
import { type KafkaSpanLogConfig, type KafkaSpanLogOptions, kafkaSpanLogConfig } from './config.ts';
import type { FetchedRecord, OutgoingRecord } from './driver.ts';
import { kafkaError } from './errors.ts';
import { platformaticOptions } from './platformatic.ts';
import { acceptingLeaderless, followingLeaders } from './platformatic-leaders.ts';
import type { OffsetRange } from './topic-admin.ts';

const FETCH_BYTES = 1024 * 1024;
const MAX_EMPTY_ANSWERS = 10;
/** Bit 5 of a batch's attributes marks the control records of transactions. */
const CONTROL_BATCH = 0x20;

/** Reads and writes records outside of any consumer group: for people who look into topics. */
export class KafkaTopicRecords {
  private readonly config: KafkaSpanLogConfig;
  private readonly fetcher: Consumer;
  private producer: Producer<Buffer, Buffer, Buffer, Buffer> | undefined;

  constructor(options: KafkaSpanLogOptions) {
    this.config = kafkaSpanLogConfig(options);
    // The client wants the name of a group; it never joins one.
    const settings = { ...platformaticOptions(this.config), groupId: this.config.clientId, retries: 3 };
    this.fetcher = acceptingLeaderless(new Consumer(settings));
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.fetcher.close(true), this.producer?.close(true)]);
  }

  /** The records of a partition from `start` to before `end`, in order; what retention has removed is left out. */
  async *read(topic: string, { partition, start, end }: OffsetRange): AsyncGenerator<FetchedRecord> {
    let next = start;
    let emptyAnswers = 0;
    while (next < end) {
      const batches = await this.fetch(topic, partition, next);
      emptyAnswers = batches.length === 0 ? emptyAnswers + 1 : 0;
      // Never taken for the end: a caller may count what it did not see as done with.
      if (emptyAnswers === MAX_EMPTY_ANSWERS)
        throw kafkaError(`reading ${topic}`, new Error(`the broker gives nothing at ${partition}/${next}`));
      for (const batch of batches) {
        const isControl = (batch.attributes & CONTROL_BATCH) !== 0;
        for (const record of isControl ? [] : batch.records) {
          const offset = batch.firstOffset + BigInt(record.offsetDelta);
          if (offset < next) continue;
          if (offset >= end) return;
          const headers = record.headers.map(([name, value]) => [String(name), value ?? new Uint8Array()] as const);
          yield {
            partition,
            offset,
            timestampMs: Number(batch.firstTimestamp + record.timestampDelta),
            key: record.key,
            value: record.value,
            headers: new Map(headers),
          };
        }
        const after = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
        if (after > next) next = after;
      }
    }
  }

  /** Idempotent, `acks=all`. Resolves when all in-sync replicas have every record; when it throws, some may be there. */
  async write(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    this.producer ??= followingLeaders(
      new Producer<Buffer, Buffer, Buffer, Buffer>({
        ...platformaticOptions(this.config),
        idempotent: true,
        retries: 10,
        retryDelay: 500,
      }),
    );
    try {
      await this.producer.send({
        idempotent: true,
        compression: new BatchLimit(this.config).compressionFor(records),
        messages: records.map(({ partition, key, value, headers }) => ({
          topic,
          partition,
          ...(key === null ? {} : { key: Buffer.from(key) }),
          ...(value === null ? {} : { value: Buffer.from(value) }),
          headers: new Map([...headers].map(([name, content]) => [Buffer.from(name), Buffer.from(content)])),
        })),
      });
    } catch (error) {
      throw kafkaError(`writing to ${topic}`, error);
    }
  }

  private async fetch(topic: string, partition: number, offset: bigint) {
    try {
      const { topics } = await this.fetcher.metadata({ topics: [topic] });
      const found = topics.get(topic);
      const node = found?.partitions[partition]?.leader ?? -1;
      if (found === undefined || node < 0) throw new Error(`partition ${partition} of ${topic} has no leader`);
      const response = await this.fetcher.fetch({
        node,
        topics: [
          {
            topicId: found.id,
            partitions: [
              {
                partition,
                fetchOffset: offset,
                partitionMaxBytes: FETCH_BYTES,
                currentLeaderEpoch: -1,
                lastFetchedEpoch: -1,
              },
            ],
          },
        ],
        minBytes: 1,
        maxBytes: FETCH_BYTES,
        maxWaitTime: 1_000,
      });
      // A fetch session may answer for what this request did not name.
      const answers = response.responses.flatMap(({ topicId, partitions }) => (topicId === found.id ? partitions : []));
      return answers.find(({ partitionIndex }) => partitionIndex === partition)?.records ?? [];
    } catch (error) {
      throw kafkaError(`reading partition ${partition} of ${topic}`, error);
    }
  }
}
