/**
 * What tests and benchmarks stand on. Nothing here needs the test runner; `scenario.ts` does.
 */
export {
  type Addresses,
  type AllInOne,
  type AllInOneOptions,
  type RestartOptions,
  startAllInOne,
} from './all-in-one.ts';
export { type GuardedBrowser, openBrowser } from './browser.ts';
export { findChromium } from './chromium.ts';
export { type Kafka, type OwnKafka, startKafka, startOwnKafka, type TopicOptions } from './kafka.ts';
export { type Metrics, parseMetrics, type Sample } from './metrics.ts';
export { foundOrSkipped, type Outside } from './outside.ts';
export { type ProcessUsage, processUsage } from './process-usage.ts';
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
