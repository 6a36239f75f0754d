export { bucketOf, DurationHistogram } from './duration-histogram.ts';
export * from './metrics.ts';
export { minuteOf, nanosBetween } from './minute.ts';
export { MAX_OPERATIONS, type OperationMetrics, OTHER_OPERATIONS, ServiceCounts } from './operation-metrics.ts';
export { decodeOperations, encodeOperations } from './slice-codec.ts';
export { SliceSum } from './sum.ts';
