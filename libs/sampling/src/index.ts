export {
  type AdaptiveDependencies,
  type AdaptiveStrategies,
  openAdaptiveStrategies,
} from './adaptive/adaptive-strategies.ts';
export { type AdaptiveConfig, adaptiveConfig } from './adaptive/config.ts';
export { createMemoryLeaseStore, createMemorySamplingStore } from './adaptive/memory-store.ts';
export { type SamplingFileDefaults, samplingFileConfig } from './config.ts';
export { type FileStrategiesDependencies, type FileStrategiesOptions, openFileStrategies } from './file-strategies.ts';
export { answerBaggageRestrictions, answerSampling, type HttpAnswer } from './http-answer.ts';
export { toJson, toLegacyJson } from './json.ts';
export { parseStrategies, type StrategySet, strategyOf } from './parse-strategies.ts';
export { decodeParameters, encodeStrategy } from './proto.ts';
export type {
  OperationSampling,
  OperationStrategy,
  SamplingStrategies,
  SamplingStrategy,
} from './strategy.ts';
