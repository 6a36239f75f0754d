/**
 * What tests and benchmarks stand on. Nothing here needs the test runner; `scenario.ts` does.
 */
export {
  type Addresses,
  type AllInOne,
  type AllInOneOptions,
  startAllInOne,
} from './all-in-one.ts';
export { type GuardedBrowser, openBrowser } from './browser.ts';
export { type Cassandra, type OwnCassandra, startCassandra, startOwnCassandra } from './cassandra.ts';
export { type JavaCassandra, startCassandraInJava } from './cassandra-java.ts';
export { findChromium } from './chromium.ts';
export { type Collector, type CollectorOptions, kafkaEnvironment, startCollector } from './collector.ts';
export { type Ingester, type IngesterOptions, startIngester } from './ingester.ts';
export { type Kafka, type OwnKafka, startKafka, startOwnKafka, type TopicOptions } from './kafka.ts';
export type { ListeningProcess, ProcessOptions, RestartOptions } from './listening-process.ts';
export { type Metrics, parseMetrics, type Sample } from './metrics.ts';
export { foundOrSkipped, type Outside } from './outside.ts';
export { type Pipeline, type PipelineOptions, startPipeline } from './pipeline.ts';
export { type ProcessUsage, processUsage } from './process-usage.ts';
export { type Query, type QueryOptions, startQuery } from './query.ts';
export {
  type OwnSearchServer,
  type OwnSearchServerOptions,
  type SearchFlavour,
  type SearchServer,
  startElasticsearch,
  startOpenSearch,
  startOwnElasticsearch,
  startOwnOpenSearch,
} from './search-server.ts';
export { type JavaSearchServer, startElasticsearchInJava, startOpenSearchInJava } from './search-server-java.ts';
export { onCassandra } from './shared-cassandra.ts';
export { onElasticsearch, onOpenSearch } from './shared-elasticsearch.ts';
export type { OpenSharedStore, SharedStore } from './shared-store.ts';
export {
  type LogLine,
  logTail,
  repositoryRoot,
  type SpawnOptions,
  type SpoorProcess,
  spawnSpoor,
  waitUntilReady,
} from './spoor-process.ts';
export { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';
export { type WaitOptions, waitFor } from './wait-for.ts';
