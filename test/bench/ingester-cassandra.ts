import { cassandraConfig, cassandraSchema, cassandraSettings } from '@spoor/storage-cassandra';
import { processUsage, startIngester } from '../harness/index.ts';
import { startMeasuredCassandra } from './cassandra-server.ts';
import type { IngesterPlace, MeasuredIngester } from './ingester-cases.ts';

/** What a case leaves out, as settings in the environment: each of the settings by itself, and what goes well together. */
const WITHOUT = {
  cassandra: {},
  'cassandra-without-durations': { SPOOR_STORAGE_CASSANDRA_INDEX_DURATIONS: 'false' },
  'cassandra-without-events': { SPOOR_STORAGE_CASSANDRA_INDEX_LOGS: 'false' },
  'cassandra-without-span-tags': { SPOOR_STORAGE_CASSANDRA_INDEX_TAGS: 'false' },
  'cassandra-without-ids': { SPOOR_STORAGE_CASSANDRA_INDEX_EXCLUDE: 'enduser.id,url.path' },
  'cassandra-without-resources': { SPOOR_STORAGE_CASSANDRA_INDEX_PROCESS_TAGS: 'false' },
  'cassandra-five-tags': {
    SPOOR_STORAGE_CASSANDRA_INDEX_INCLUDE: 'span.kind,error,http.request.method,http.route,http.response.status_code',
  },
  'cassandra-without-tags': {
    SPOOR_STORAGE_CASSANDRA_INDEX_TAGS: 'false',
    SPOOR_STORAGE_CASSANDRA_INDEX_PROCESS_TAGS: 'false',
    SPOOR_STORAGE_CASSANDRA_INDEX_LOGS: 'false',
  },
} as const;
export type CassandraCase = keyof typeof WITHOUT;
export const CASSANDRA_CASES = Object.keys(WITHOUT) as CassandraCase[];

const KEYSPACE = 'spoor_bench';
/** Asking costs the ingester something, too. */
const ASK_EVERY_MS = 1_000;

/** The ingester's own process over a Cassandra of this machine, one node and one replica. */
export async function startOverCassandra(name: CassandraCase, place: IngesterPlace): Promise<MeasuredIngester> {
  const { brokers, topic, client, nodeArgs } = place;
  const server = await startMeasuredCassandra();
  const settings = { servers: [server.host], port: server.port, keyspace: KEYSPACE };
  const schema = cassandraSchema(cassandraConfig(cassandraSettings.parse(settings)));
  await schema.apply();
  await schema.close();
  const ingester = await startIngester({
    brokers,
    topic,
    nodeArgs,
    env: { SPOOR_KAFKA_CLIENT: client },
    storage: {
      SPOOR_STORAGE_TYPE: 'cassandra',
      SPOOR_STORAGE_CASSANDRA_SERVERS: server.host,
      SPOOR_STORAGE_CASSANDRA_PORT: String(server.port),
      SPOOR_STORAGE_CASSANDRA_KEYSPACE: KEYSPACE,
      ...WITHOUT[name],
    },
  }).catch(async (error) => {
    await server.stop();
    throw error;
  });
  let asked = { atMs: Number.NEGATIVE_INFINITY, stored: 0 };
  return {
    async stored() {
      if (performance.now() - asked.atMs >= ASK_EVERY_MS) {
        const stored = (await ingester.metrics()).sum('spoor_spans_stored_total');
        asked = { atMs: performance.now(), stored };
      }
      return asked.stored;
    },
    cpuSeconds: () => ingester.cpuSeconds(),
    peakRssBytes: () => ingester.peakRssBytes(),
    serverCpuSeconds: () => processUsage(server.pid).cpuSeconds,
    async facts() {
      const metrics = await ingester.metrics();
      const stored = metrics.sum('spoor_spans_stored_total');
      const perSpan = (counter: string) => Number((metrics.sum(counter) / stored).toPrecision(3));
      return {
        rowsPerSpan: perSpan('spoor_cassandra_rows_written_total'),
        mutationsPerSpan: perSpan('spoor_cassandra_mutations_total'),
      };
    },
    async stop() {
      await ingester.stop();
      await server.stop();
    },
  };
}
