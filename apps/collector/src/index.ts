export type { Collector, CollectorDependencies } from './collector.ts';
export { createCollector } from './collector.ts';
export type { CollectorConfig } from './config.ts';
export { collectorConfig } from './config.ts';
export { type KafkaLogDependencies, openKafkaLog } from './kafka-log.ts';
export { createSampling, type Sampling, type SamplingConfig, samplingConfig } from './sampling/index.ts';
