import type { Storage } from '@spoor/storage';
import type { CassandraStorageConfig } from '@spoor/storage-cassandra';
import { type Client, types } from 'cassandra-driver';
import { afterAll, describe, expect, test } from 'vitest';
import { type CassandraCluster, startCassandraCluster } from '../../harness/cassandra-cluster.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { Load } from './load.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandraCluster(3);
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there are several nodes of Cassandra', (context) => {
  foundOrSkipped<CassandraCluster>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside)('three nodes', { timeout: 240_000 }, () => {
  if ('missing' in outside) return;
  const { nodes } = outside.found;
  const [first, second, third] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
  const stores: Storage[] = [];
  afterAll(async () => {
    for (const store of stores) await store.stop(AbortSignal.timeout(5_000));
  });

  const settings = (keyspace: string, replicas: number): CassandraStorageConfig => {
    const base = configFor(first, keyspace);
    const schema = { ...base.schema, replicationFactor: replicas };
    const write = { ...base.write, maxAttempts: 2 };
    const servers = nodes.map(({ host }) => host);
    return { ...base, servers, schema, write, timeoutMs: 2_000, reconnectIntervalMs: 500 };
  };
  const open = async (config: CassandraStorageConfig) => {
    const store = createForTest(config);
    stores.push(store);
    await startForTest(store);
    return store;
  };

  test('each take the rows that are theirs, straight from the writer', async () => {
    const keyspace = ownKeyspace();
    // What is not answered in time would be sent to another node.
    const load = new Load(await open({ ...settings(keyspace, 1), timeoutMs: 30_000 }));
    await load.more(10);
    await load.expectStored(first, keyspace);
    await withClient(first, async (client) => {
      await client.connect();
      for (const { host, port } of nodes) {
        const written = await rowsWritten(client, `${host}:${port}`, keyspace, 'local_write_latency');
        const coordinated = await rowsWritten(client, `${host}:${port}`, keyspace, 'coordinator_write_latency');
        expect(Object.keys(written)).toContain('tag_index');
        // A node that gets what is another's hands it on: then the figures differ.
        expect(coordinated).toEqual(written);
      }
    });
  });

  test('lose nothing when they freeze, die one after the other and come back, and go on where the consistency lets them', async () => {
    const [ofMost, ofAny] = [settings(ownKeyspace(), 3), settings(ownKeyspace(), 3)];
    const [most, any] = await Promise.all([
      open(ofMost),
      open({ ...ofAny, readConsistency: 'LOCAL_ONE', writeConsistency: 'LOCAL_ONE' }),
    ]);
    const loads = { most: new Load(most), any: new Load(any, 8) };
    await Promise.all([loads.most.more(5), loads.any.more(5)]);

    await second.freeze();
    await loads.most.more(5);
    await second.kill();
    await Promise.all([loads.most.more(10), loads.any.more(10)]);

    await third.kill();
    await loads.most.failing();
    await waitFor(() => !most.readiness().ready, { describe: 'a store that says that it is not ready' });
    await loads.any.more(5);
    expect(any.readiness()).toEqual({ ready: true });
    await loads.any.end();

    await Promise.all([second.revive(), third.revive()]);
    await loads.most.more(5);
    await loads.most.end();
    expect(most.readiness()).toEqual({ ready: true });
    const all = await open({ ...ofAny, readConsistency: 'ALL' });
    const looking = { reader: all.reader, consistency: types.consistencies.all };
    await loads.any.expectStored(first, ofAny.keyspace, looking);

    // What the second has missed is now to be had from the third alone.
    await first.kill();
    const after = new Load(most, 9);
    await after.more(5);
    await after.end();
    for (const load of [loads.most, after]) await load.expectStored(third, ofMost.keyspace);
  });
});

/** By table, since the node started. */
async function rowsWritten(
  client: Client,
  node: string,
  keyspace: string,
  table: 'local_write_latency' | 'coordinator_write_latency',
): Promise<Record<string, string>> {
  const host = client.hosts.get(node);
  if (host === undefined) throw new Error(`the driver does not know ${node}`);
  const { rows } = await client.execute(`SELECT keyspace_name, table_name, count FROM system_views.${table}`, [], {
    host,
  });
  return Object.fromEntries(
    rows
      .filter((row) => row['keyspace_name'] === keyspace)
      .map((row) => [String(row['table_name']), String(row['count'])]),
  );
}
