import { randomUUID } from 'node:crypto';
import { Client, type types } from 'cassandra-driver';
import { type Cassandra, startCassandra } from './cassandra.ts';
import type { Outside } from './outside.ts';
import { callsIn, type SharedStore, SpanIdsByTrace } from './shared-store.ts';

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
  async function* rowsOf(table: string, columns: string): AsyncGenerator<types.Row> {
    let pageState: string | undefined;
    do {
      const page = await client.execute(`SELECT ${columns} FROM ${keyspace}.${table}`, [], {
        fetchSize: PAGE_SIZE,
        ...(pageState === undefined ? {} : { pageState }),
      });
      yield* page.rows;
      pageState = page.pageState ?? undefined;
    } while (pageState !== undefined);
  }
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
      for await (const row of rowsOf('traces', 'trace_id, span_id'))
        stored.add(hexOf(row['trace_id']), idOf(row['span_id']));
      return stored.sorted();
    },
    async countedCalls() {
      let calls = 0;
      for await (const row of rowsOf('spoor_metrics', 'operations')) calls += callsIn(row['operations']);
      return calls;
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
