import { type CassandraStorage, cassandraSchema } from '@spoor/storage-cassandra';
import { afterAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { configFor, createForTest, ownKeyspace, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra without tables', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside)('a keyspace that nobody has created', { timeout: 120_000 }, () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const stores: CassandraStorage[] = [];
  const keyspace = ownKeyspace();
  const base = { ...configFor(cassandra, keyspace), reconnectIntervalMs: 500 };
  const config = { ...base, schema: { ...base.schema, create: false }, archive: { keyspace: `${keyspace}_archive` } };
  afterAll(async () => {
    for (const store of stores) await store.stop(AbortSignal.timeout(5_000));
    await withClient(cassandra, async (client) => {
      for (const one of [keyspace, `${keyspace}_archive`]) await client.execute(`DROP KEYSPACE IF EXISTS ${one}`);
    });
  });
  const begin = async (readOnly: boolean) => {
    const store = createForTest(config, { readOnly });
    stores.push(store);
    await store.start();
    return store;
  };
  const reasons = async (pattern: RegExp) => {
    for (const store of stores)
      await waitFor(() => pattern.test(store.readiness().reason ?? ''), { describe: `a reason like ${pattern}` });
  };

  test('is told by readiness, with what to do, until it is there', async () => {
    const [ingester, query] = [await begin(false), await begin(true)];
    await reasons(new RegExp(`^there is no keyspace ${keyspace}: create .*\`spoor schema apply --storage cassandra\``));
    const context = { tenant: 'default', signal: new AbortController().signal };
    const bytes = createSpanGenerator({ seed: 1 }).request(5);
    const batch = { tenant: 'default', encoding: 'otlp_proto' as const, spanCount: 5, bytes };
    const refusal = { code: 'SPOOR_STORAGE_UNAVAILABLE', message: expect.stringContaining('there is no keyspace') };
    await expect(ingester.writer.write([batch], context)).rejects.toMatchObject(refusal);
    await expect(query.reader.getServices(context)).rejects.toMatchObject(refusal);

    const schema = cassandraSchema(base);
    await schema.apply();
    await schema.close();
    await reasons(new RegExp(`^there is no keyspace ${keyspace}_archive: create `));
    await withClient(cassandra, async (client) => {
      await client.execute(`DROP TABLE ${keyspace}.tag_index`);
      await client.execute(`DROP TABLE ${keyspace}.duration_index`);
    });
    await reasons(new RegExp(`^the keyspace ${keyspace} has no tables duration_index, tag_index: create `));

    const whole = cassandraSchema(config);
    await whole.apply();
    await whole.close();
    for (const store of stores) await waitFor(() => store.readiness().ready, { describe: 'a ready store' });
    await ingester.writer.write([batch], context);
    expect(await query.reader.getServices(context)).not.toEqual([]);
  });
});
