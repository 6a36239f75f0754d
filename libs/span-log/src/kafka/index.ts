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
export { createKafkaSpanLog, type KafkaSpanLog, type KafkaSpanLogDependencies } from './kafka-span-log.ts';
