import { randomUUID } from 'node:crypto';
import {
  createKafkaSpanLog,
  type KafkaSpanLog,
  type KafkaSpanLogDependencies,
  type KafkaSpanLogOptions,
} from '@spoor/span-log';
import { pino } from 'pino';
import type { Kafka, TopicOptions } from '../../harness/kafka.ts';

export interface OpenedLog {
  readonly log: KafkaSpanLog;
  readonly topic: string;
}

export interface OpenOptions extends Partial<KafkaSpanLogOptions>, Pick<KafkaSpanLogDependencies, 'split' | 'codecs'> {
  readonly topicOptions?: TopicOptions;
}

/** A log over a new topic with its dead-letter topic, or over the one that is named. Not started. */
export async function openLog(
  kafka: Kafka,
  { topicOptions = {}, split, codecs = {}, ...options }: OpenOptions,
): Promise<OpenedLog> {
  const topic = options.topic ?? `spans-${randomUUID()}`;
  if (options.topic === undefined) {
    await kafka.createTopic(topic, topicOptions);
    await kafka.createTopic(`${topic}-dlq`, { partitions: 1 });
  }
  const logger = pino({ level: process.env['SPOOR_TEST_LOG'] ?? 'silent' });
  const defaults = { brokers: kafka.brokers, sessionTimeoutMs: 6_000, metadataRefreshMs: 1_000 };
  const dependencies = { logger, codecs, ...(split === undefined ? {} : { split }) };
  return { topic, log: createKafkaSpanLog({ ...defaults, ...options, topic }, dependencies) };
}
