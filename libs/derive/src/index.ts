export { derivingWriter, type RecordWriter } from './deriving-writer.ts';
export {
  createMetricsDeriver,
  type DerivedRecord,
  type MetricsDeriver,
  type MetricsDeriverDependencies,
  type MetricsDeriverOptions,
} from './metrics-deriver.ts';
