import type { LayoutName } from '@spoor/storage-elasticsearch';
import { processUsage, startElasticsearchInJava, startIngester } from '../harness/index.ts';
import type { IngesterPlace, MeasuredIngester } from './ingester-cases.ts';

/** As large as it is on a small installation, and compiled as well as it gets. */
export const SEARCH_SERVER_JAVA_ARGS = ['-Xms1g', '-Xmx1g', '-XX:+UseSerialGC', '-Djava.awt.headless=true'];
/** Asking costs the ingester something, too. */
const ASK_EVERY_MS = 1_000;

/** The ingester's own process over an Elasticsearch of this machine, one shard and no copy. */
export async function startOverElasticsearch(layout: LayoutName, place: IngesterPlace): Promise<MeasuredIngester> {
  const { brokers, topic, client, nodeArgs } = place;
  const outside = await startElasticsearchInJava({ javaArgs: SEARCH_SERVER_JAVA_ARGS });
  if ('missing' in outside) throw new Error(`${outside.missing}. ${outside.remedy}`);
  const server = outside.found;
  const ingester = await startIngester({
    brokers,
    topic,
    nodeArgs,
    env: { SPOOR_KAFKA_CLIENT: client },
    storage: {
      SPOOR_STORAGE_TYPE: 'elasticsearch',
      SPOOR_STORAGE_ELASTICSEARCH_SERVERS: server.url,
      SPOOR_STORAGE_ELASTICSEARCH_LAYOUT: layout,
      SPOOR_STORAGE_ELASTICSEARCH_SHARDS: '1',
      SPOOR_STORAGE_ELASTICSEARCH_REPLICAS: '0',
    },
  }).catch(async (error) => {
    await server.stop();
    throw error;
  });
  let asked = { atMs: Number.NEGATIVE_INFINITY, stored: 0 };
  return {
    async stored() {
      if (performance.now() - asked.atMs >= ASK_EVERY_MS)
        asked = {
          stored: (await ingester.metrics()).sum('spoor_spans_stored_total'),
          atMs: performance.now(),
        };
      return asked.stored;
    },
    cpuSeconds: () => ingester.cpuSeconds(),
    peakRssBytes: () => ingester.peakRssBytes(),
    serverCpuSeconds: () => processUsage(server.pid).cpuSeconds,
    async stop() {
      await ingester.stop();
      await server.stop();
    },
  };
}
