import type { Bench } from './bench.ts';

/** Every bench by its name, loaded on demand: `npm run bench -- <name>`. */
export const BENCHES: Record<string, () => Promise<Bench>> = {
  cassandra: async () => (await import('./cassandra.ts')).benchCassandra,
  collector: async () => (await import('./collector.ts')).benchCollector,
  documents: async () => (await import('./documents.ts')).benchDocuments,
  ingest: async () => (await import('./ingest.ts')).benchIngest,
  ingester: async () => (await import('./ingester.ts')).benchIngester,
  outage: async () => (await import('./outage.ts')).benchOutage,
  layout: async () => (await import('./layout.ts')).benchLayout,
  receivers: async () => (await import('./receivers.ts')).benchReceivers,
  search: async () => (await import('./search.ts')).benchSearch,
  store: async () => (await import('./search.ts')).benchStore,
  scan: async () => (await import('./scan.ts')).benchScan,
};
