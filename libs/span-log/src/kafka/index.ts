export {
  KAFKA_COMPRESSIONS,
  type KafkaClientName,
  type KafkaCompression,
  type KafkaSasl,
  type KafkaSpanLogConfig,
  type KafkaSpanLogOptions,
  type KafkaTls,
  kafkaSpanLogConfig,
} from './config.ts';
export type { FetchedRecord, OutgoingRecord } from './driver.ts';
export {
  KAFKA_ENCODINGS,
  type KafkaEncoding,
  partitionOfKey,
  type RecordCodec,
  type RecordCodecs,
} from './encodings.ts';
export { createKafkaSpanLog, type KafkaSpanLog, type KafkaSpanLogDependencies } from './kafka-span-log.ts';
export { type KafkaDeadLetter, letterOf } from './letter.ts';
export { type KafkaTopics, openKafkaTopics } from './open-topics.ts';
export { encodingOf, readRecord, toldSpanCount } from './record-format.ts';
export type {
  KafkaTopicAdmin,
  NewTopic,
  OffsetRange,
  Offsets,
  TopicDescription,
  TopicPartition,
} from './topic-admin.ts';
export type { KafkaTopicRecords } from './topic-records.ts';
