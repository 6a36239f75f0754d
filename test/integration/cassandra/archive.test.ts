import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { cassandraSchema } from '@spoor/storage-cassandra';
import { afterAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for an archive', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside)('the archive', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const keyspace = ownKeyspace();
  const archiveKeyspace = `${keyspace}_archive`;
  const config = { ...configFor(cassandra, keyspace), archive: { keyspace: archiveKeyspace } };
  afterAll(() =>
    withClient(cassandra, async (client) => {
      for (const name of [keyspace, archiveKeyspace]) await client.execute(`DROP KEYSPACE IF EXISTS ${name}`);
    }),
  );

  test('keeps what was archived, once, for ever, and in no index', async () => {
    const store = createForTest(config);
    await startForTest(store);
    const context = { tenant: 'acme', signal: new AbortController().signal };
    const read = async (reader: Pick<typeof store.reader, 'getTrace'>, traceId: string): Promise<Span[]> => {
      const found: Span[] = [];
      for await (const chunk of reader.getTrace(traceId, context)) found.push(...chunk);
      return found;
    };
    const write = (writer: typeof store.writer, some: readonly Span[]) =>
      writer.write(
        [{ tenant: 'acme', encoding: 'otlp_proto', spanCount: some.length, bytes: encodeTraces(some) }],
        context,
      );
    const spans = createSpanGenerator({ seed: 3 }).spans(20);
    const { traceId } = spans[0]!;
    await write(store.writer, spans);
    const stored = await read(store.reader, traceId);
    const { archive } = store;
    expect(stored).toHaveLength(20);
    expect(await read(archive!.reader, traceId)).toEqual([]);
    for (const _ of ['first', 'again'])
      expect(await write(archive!.writer, stored)).toEqual({ accepted: 20, rejected: [] });
    expect(await read(archive!.reader, traceId)).toEqual(stored);
    await withClient(cassandra, async (client) => {
      await client.execute(`TRUNCATE ${keyspace}.traces`);
      const { rows } = await client.execute(`SELECT TTL(start_time) AS ttl FROM ${archiveKeyspace}.traces`);
      expect(rows.map((row) => row['ttl'])).toEqual(Array.from({ length: 20 }, () => null));
      for (const table of ['tag_index', 'duration_index', 'service_name_index', 'operation_names_v2'])
        expect((await client.execute(`SELECT * FROM ${archiveKeyspace}.${table}`)).rows).toEqual([]);
    });
    expect(await read(store.reader, traceId)).toEqual([]);
    expect(await read(archive!.reader, traceId)).toEqual(stored);
    await store.stop(context.signal);
  });

  test('is a part of the schema, which a process that only reads leaves alone', async () => {
    const schema = cassandraSchema(config);
    expect(await schema.apply()).toEqual([]);
    expect(await schema.verify()).toEqual([]);
    await schema.close();
    const nowhere = { ...config, keyspace: ownKeyspace() };
    const store = createForTest(nowhere, { readOnly: true });
    await store.start();
    await waitFor(() => store.readiness().reason?.includes('there is no keyspace'), { describe: 'what is missing' });
    const context = { tenant: 'default', signal: new AbortController().signal };
    await expect(store.reader.getServices(context)).rejects.toMatchObject({ code: 'SPOOR_STORAGE_UNAVAILABLE' });
    await store.stop(context.signal);
  });
});
