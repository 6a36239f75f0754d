import { randomUUID } from 'node:crypto';
import { Client, type types } from 'cassandra-driver';
import { type Cassandra, startCassandra } from './cassandra.ts';
import type { Outside } from './outside.ts';
import { type SharedStore, SpanIdsByTrace } from './shared-store.ts';

const PAGE_SIZE = 5_000;

/** A keyspace of its own. */
export async function onCassandra(settings: Readonly<Record<string, string>> = {}): Promise<Outside<SharedStore>> {
  const outside = await startCassandra();
  return 'missing' in outside ? outside : { found: await storeOn(outside.found, settings) };
}

async function storeOn(
  { host, port, stop }: Cassandra,
  settings: Readonly<Record<string, string>>,
): Promise<SharedStore> {
  const keyspace = `test_${randomUUID().slice(0, 8)}`;
  const client = new Client({ contactPoints: [`${host}:${port}`], localDataCenter: 'datacenter1' });
  await client.connect();
  return {
    name: 'cassandra',
    refusesFuture: false,
    settings: {
      SPOOR_STORAGE_TYPE: 'cassandra',
      SPOOR_STORAGE_CASSANDRA_SERVERS: host,
      SPOOR_STORAGE_CASSANDRA_PORT: String(port),
      SPOOR_STORAGE_CASSANDRA_KEYSPACE: keyspace,
      SPOOR_STORAGE_CASSANDRA_SCHEMA_CREATE: 'true',
      ...settings,
    },
    async storedSpans() {
      const stored = new SpanIdsByTrace();
      let pageState: string | undefined;
      do {
        const page = await client.execute(`SELECT trace_id, span_id FROM ${keyspace}.traces`, [], {
          fetchSize: PAGE_SIZE,
          ...(pageState === undefined ? {} : { pageState }),
        });
        for (const row of page.rows) stored.add(hexOf(row['trace_id']), idOf(row['span_id']));
        pageState = page.pageState ?? undefined;
      } while (pageState !== undefined);
      return stored.sorted();
    },
    async close() {
      await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
      await client.shutdown();
      await stop();
    },
  };
}

function hexOf(traceId: Buffer): string {
  return traceId.toString('hex');
}

/** Columns for ids of spans are signed. */
function idOf(spanId: types.Long): string {
  return BigInt.asUintN(64, BigInt(spanId.toString())).toString(16).padStart(16, '0');
}
