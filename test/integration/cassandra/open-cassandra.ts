import { contractWriter } from '@spoor/derive/contract';
import type { Storage } from '@spoor/storage';
import { type OpenStore, reopening, type StorageTraits } from '@spoor/storage/contract';
import type { CassandraStorage, CassandraStorageConfig, CassandraStorageDeps } from '@spoor/storage-cassandra';
import {
  asStoredInCassandra,
  cassandraConfig,
  cassandraSettings,
  createCassandraStorage,
} from '@spoor/storage-cassandra';
import { Client, type ClientOptions } from 'cassandra-driver';
import pino from 'pino';
import { Registry } from 'prom-client';
import type { Cassandra } from '../../harness/cassandra.ts';
import { waitFor } from '../../harness/wait-for.ts';

let keyspaces = 0;

/** A name that no other suite has. */
export function ownKeyspace(): string {
  keyspaces += 1;
  return `spoor_test_${process.pid}_${Date.now().toString(36)}_${keyspaces}`;
}

export const CASSANDRA_TRAITS: Partial<StorageTraits> = {
  resolutionNanos: 1_000n,
  asStored: asStoredInCassandra,
  scenarios: 8,
};

export function configFor(
  { host, port }: Pick<Cassandra, 'host' | 'port'>,
  keyspace: string,
  changes: Partial<CassandraStorageConfig> = {},
): CassandraStorageConfig {
  const base = cassandraConfig(cassandraSettings.parse({}));
  const write = { ...base.write, lingerMs: 0 };
  return { ...base, write, servers: [host], port, keyspace, schema: { ...base.schema, create: true }, ...changes };
}

export function createForTest(
  config: CassandraStorageConfig,
  deps: Partial<CassandraStorageDeps> = {},
): CassandraStorage {
  return createCassandraStorage(config, { logger: pino({ level: 'silent' }), metrics: new Registry(), ...deps });
}

/** Resolves when the store is ready, which `start` does not wait for. */
export async function startForTest(store: Storage): Promise<void> {
  await store.start();
  await waitFor(() => store.readiness().ready, { describe: 'a ready store', deadlineMs: 60_000 });
}

/** A store in a keyspace of its own, which is gone when it is closed. */
export async function openCassandra(
  cassandra: Cassandra,
  changes: Partial<CassandraStorageConfig> = {},
): Promise<OpenStore> {
  const config = configFor(cassandra, ownKeyspace(), changes);
  const begin = async () => {
    const store = createForTest(config);
    await startForTest(store);
    const { reader, dependencies, metrics, metricsSlices } = store;
    const stop = (signal: AbortSignal) => store.stop(signal);
    return { writer: contractWriter(store), reader, dependencies, metrics, metricsSlices, stop };
  };
  return reopening(begin, async () => {
    await withClient(cassandra, (client) => client.execute(`DROP KEYSPACE "${config.keyspace}"`));
  });
}

/** The driver by itself, for what tests want to see of the tables. */
export async function withClient<T>(
  { host, port }: Pick<Cassandra, 'host' | 'port'>,
  use: (client: Client) => Promise<T>,
  options: ClientOptions = {},
): Promise<T> {
  const client = new Client({
    ...options,
    contactPoints: [host],
    protocolOptions: { port },
    localDataCenter: 'datacenter1',
    encoding: { useBigIntAsLong: true },
    // Dropping a keyspace takes a server under load longer than any query may.
    socketOptions: { readTimeout: 120_000 },
  });
  try {
    return await use(client);
  } finally {
    await client.shutdown();
  }
}
