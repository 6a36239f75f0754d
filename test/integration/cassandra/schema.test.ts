import { cassandraSchema } from '@spoor/storage-cassandra';
import type { Client } from 'cassandra-driver';
import { afterAll, describe, expect, test } from 'vitest';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for the schema', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

/** Columns and their types, the primary key, and the options, as CONTRACT §6 has them; the last two are ours. */
const TABLES = {
  traces: [
    'trace_id blob, span_id bigint, span_hash bigint, parent_id bigint, operation_name text, flags int, start_time bigint, duration bigint, tags list<frozen<keyvalue>>, logs list<frozen<log>>, refs list<frozen<span_ref>>, process frozen<process>',
    '(trace_id) span_id asc, span_hash asc',
    '172800 TimeWindow 96 MINUTES',
  ],
  service_names: ['service_name text', '(service_name)', '172800 SizeTiered'],
  operation_names_v2: [
    'service_name text, span_kind text, operation_name text',
    '(service_name) span_kind asc, operation_name asc',
    '172800 SizeTiered',
  ],
  service_operation_index: [
    'service_name text, operation_name text, start_time bigint, trace_id blob',
    '(service_name, operation_name) start_time desc',
    '172800 TimeWindow 1 HOURS',
  ],
  service_name_index: [
    'service_name text, bucket int, start_time bigint, trace_id blob',
    '(service_name, bucket) start_time desc',
    '172800 TimeWindow 1 HOURS',
  ],
  duration_index: [
    'service_name text, operation_name text, bucket timestamp, duration bigint, start_time bigint, trace_id blob',
    '(service_name, operation_name, bucket) duration desc, start_time desc, trace_id asc',
    '172800 TimeWindow 1 HOURS',
  ],
  tag_index: [
    'service_name text, tag_key text, tag_value text, start_time bigint, trace_id blob, span_id bigint',
    '(service_name, tag_key, tag_value) start_time desc, trace_id asc, span_id asc',
    '172800 TimeWindow 1 HOURS',
  ],
  dependencies_v2: [
    'ts_bucket timestamp, ts timestamp, dependencies list<frozen<dependency>>',
    '(ts_bucket) ts desc',
    '0 SizeTiered',
  ],
  operation_throughput: ['bucket int, ts timeuuid, throughput text', '(bucket) ts desc', '0 SizeTiered'],
  sampling_probabilities: [
    'bucket int, ts timeuuid, hostname text, probabilities text',
    '(bucket) ts desc',
    '0 SizeTiered',
  ],
  leases: ['name text, owner text', '(name)', '0 SizeTiered'],
  spoor_dependencies: [
    'tenant text, day timestamp, dependencies list<frozen<dependency>>',
    '(tenant) day desc',
    '0 SizeTiered',
  ],
  spoor_index_gaps: ['kind text, left_out text, until bigint', '(kind) left_out asc', '0 SizeTiered'],
  spoor_metrics: [
    'service_name text, hour int, minute int, source text, through bigint, operations text',
    '(service_name, hour) minute asc, source asc',
    '172800 TimeWindow 96 MINUTES',
  ],
} as const;

const TYPES = {
  keyvalue:
    'key text, value_type text, value_string text, value_bool boolean, value_long bigint, value_double double, value_binary blob',
  log: 'ts bigint, fields frozen<list<frozen<keyvalue>>>',
  span_ref: 'ref_type text, trace_id blob, span_id bigint',
  process: 'service_name text, tags frozen<list<frozen<keyvalue>>>',
  dependency: 'parent text, child text, call_count bigint, source text',
};

describe.skipIf('missing' in outside)('the schema of the peer', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const keyspaces: string[] = [];
  const newKeyspace = () => {
    keyspaces.push(ownKeyspace());
    return keyspaces.at(-1)!;
  };
  afterAll(() =>
    withClient(cassandra, async (client) => {
      for (const keyspace of keyspaces) await client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`);
    }),
  );
  const spoor = (command: 'apply' | 'verify', keyspace: string, ...flags: string[]) =>
    runSpoor(['schema', command, '--storage', 'cassandra', `--storage.cassandra.keyspace=${keyspace}`, ...flags], {
      CASSANDRA_SERVERS: cassandra.host,
      CASSANDRA_PORT: String(cassandra.port),
    });

  test('is created by several at once, exactly as the peer has it, and a second time changes nothing', async () => {
    const keyspace = newKeyspace();
    const appliers = Array.from({ length: 3 }, () => cassandraSchema(configFor(cassandra, keyspace)));
    await Promise.all(appliers.map((schema) => schema.apply()));
    expect(await appliers[0]!.apply()).toEqual([]);
    await Promise.all(appliers.map((schema) => schema.close()));
    await withClient(cassandra, async (client) => {
      expect(await tablesOf(client, keyspace)).toEqual(TABLES);
      expect(await typesOf(client, keyspace)).toEqual(TYPES);
      const { rows } = await client.execute(
        'SELECT speculative_retry, gc_grace_seconds FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
        [keyspace, 'traces'],
        { prepare: true },
      );
      expect({ ...rows[0] }).toMatchObject({ speculative_retry: 'NEVER', gc_grace_seconds: 10_800 });
    });
  });

  test('is applied and verified from the command line', async () => {
    const keyspace = newKeyspace();
    const absent = await spoor('verify', keyspace);
    expect(absent).toMatchObject({ code: 1, stderr: '' });
    expect(absent.stdout).toContain('missing');
    const applied = await spoor('apply', keyspace, '--storage.cassandra.schema.traceTtl=7d');
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    expect(applied.stdout).toContain('CREATE TABLE');
    expect(await spoor('apply', keyspace)).toMatchObject({ code: 0, stdout: `nothing was missing in ${keyspace}\n` });
    expect(await spoor('verify', keyspace, '--storage.cassandra.schema.traceTtl=7d')).toMatchObject({ code: 0 });
    const differing = await spoor('verify', keyspace, '--json');
    expect(differing.code).toBe(1);
    const { differences } = JSON.parse(differing.stdout) as { differences: { name: string; what: string }[] };
    expect(differences).toContainEqual({
      name: 'tag_index',
      what: 'default_time_to_live',
      is: '604800',
      planned: '172800',
    });
  });

  test('shows what somebody has changed, and mends only what is missing', async () => {
    const keyspace = newKeyspace();
    await spoor('apply', keyspace);
    await withClient(cassandra, async (client) => {
      await client.execute(`DROP TABLE ${keyspace}.leases`);
      await client.execute(`ALTER TABLE ${keyspace}.traces DROP flags`);
      await client.execute(
        `ALTER TABLE ${keyspace}.tag_index WITH compaction = {'class': 'LeveledCompactionStrategy'}`,
      );
    });
    const found = async () =>
      (
        JSON.parse((await spoor('verify', keyspace, '--json')).stdout) as {
          differences: { name: string; what: string }[];
        }
      ).differences.map(({ name, what }) => `${name}: ${what}`);
    expect(await found()).toEqual(['traces: flags', 'tag_index: compaction', 'leases: table']);
    await spoor('apply', keyspace);
    expect(await found()).toEqual(['traces: flags', 'tag_index: compaction']);
  });

  test('lacks nothing that is needed where a peer has made it', async () => {
    const keyspace = newKeyspace();
    await spoor('apply', keyspace);
    await withClient(cassandra, (client) => client.execute(`DROP TABLE ${keyspace}.spoor_metrics`));
    const verified = await spoor('verify', keyspace);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(verified.stdout).toMatch(/spoor_metrics +table +missing +optional: without it there are no metrics/);
    expect((await spoor('apply', keyspace)).stdout).toMatch(/^CREATE TABLE IF NOT EXISTS \S+spoor_metrics [^\n]+\n$/);
  });

  test('lies in the data centres that the settings name, and the data centre that is named is asked', async () => {
    const keyspace = newKeyspace();
    const datacenters = `--storage.cassandra.schema.datacenters={"datacenter1":1}`;
    const local = (name: string) => `--storage.cassandra.localDatacenter=${name}`;
    const elsewhere = await spoor('apply', keyspace, datacenters, local('nowhere'));
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toMatch(/^SPOOR_STORAGE_UNAVAILABLE: .*nowhere.*storage\.cassandra\.localDatacenter/);
    expect(await spoor('apply', keyspace, datacenters, local('datacenter1'))).toMatchObject({ code: 0, stderr: '' });
    const replication = await withClient(cassandra, async (client) => {
      const query = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?';
      return (await client.execute(query, [keyspace], { prepare: true })).rows[0]?.['replication'] as object;
    });
    expect(replication).toEqual({
      class: 'org.apache.cassandra.locator.NetworkTopologyStrategy',
      datacenter1: '1',
    });
    expect(await spoor('verify', keyspace, datacenters)).toMatchObject({ code: 0 });
    const config = configFor(cassandra, keyspace, { localDatacenter: 'datacenter1' });
    const store = createForTest(config);
    await startForTest(store);
    await store.stop(new AbortController().signal);
    const astray = createForTest({ ...config, localDatacenter: 'nowhere' });
    await astray.start();
    expect(astray.readiness()).toEqual({
      ready: false,
      reason: expect.stringMatching(/localDatacenter names one that/),
    });
    await astray.stop(new AbortController().signal);
  });

  test('names what cannot be: another storage, no server', async () => {
    expect(await runSpoor(['schema', 'verify', '--storage=badger'])).toMatchObject({ code: 2 });
    const nowhere = { CASSANDRA_SERVERS: '127.0.0.1', CASSANDRA_PORT: '1' };
    const { code, stderr } = await runSpoor(['schema', 'verify', '--storage=cassandra'], nowhere);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^SPOOR_STORAGE_UNAVAILABLE: .*127\.0\.0\.1.*storage\.cassandra\.servers and .*port/);
  });
});

async function tablesOf(client: Client, keyspace: string): Promise<Record<string, readonly string[]>> {
  const columns = await read(client, 'columns', keyspace);
  const found: Record<string, readonly string[]> = {};
  for (const table of await read(client, 'tables', keyspace)) {
    const name = String(table['table_name']);
    const own = columns.filter((column) => column['table_name'] === name);
    const keys = (kind: string) =>
      own.filter((column) => column['kind'] === kind).sort((a, b) => Number(a['position']) - Number(b['position']));
    const partition = keys('partition_key').map((column) => column['column_name']);
    const clustering = keys('clustering').map((column) => `${column['column_name']} ${column['clustering_order']}`);
    const order = (TABLES as Record<string, readonly string[]>)[name]?.[0] ?? '';
    const byPlace = own
      .map((column) => `${column['column_name']} ${column['type']}`)
      .sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const compaction = table['compaction'] as Record<string, string>;
    const kind = String(compaction['class']).replace(/.*\.|CompactionStrategy/g, '');
    const window =
      kind === 'TimeWindow' ? ` ${compaction['compaction_window_size']} ${compaction['compaction_window_unit']}` : '';
    found[name] = [
      byPlace.join(', '),
      `(${partition.join(', ')}) ${clustering.join(', ')}`.trim(),
      `${table['default_time_to_live']} ${kind}${window}`,
    ];
  }
  return found;
}

async function typesOf(client: Client, keyspace: string): Promise<Record<string, string>> {
  const rows = await read(client, 'types', keyspace);
  return Object.fromEntries(
    rows.map((row) => {
      const [names, types] = [row['field_names'] as string[], row['field_types'] as string[]];
      return [String(row['type_name']), names.map((name, i) => `${name} ${types[i]}`).join(', ')];
    }),
  );
}

async function read(client: Client, table: string, keyspace: string): Promise<Record<string, unknown>[]> {
  const query = `SELECT * FROM system_schema.${table} WHERE keyspace_name = ?`;
  return (await client.execute(query, [keyspace], { prepare: true })).rows as unknown as Record<string, unknown>[];
}
