export * from './byte-budget.ts';
export * from './in-process.ts';
export * from './kafka/index.ts';
export { type KafkaSettings, kafkaOptionsOf, kafkaSettings } from './kafka/settings.ts';
export * from './span-log.ts';
