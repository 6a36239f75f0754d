import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { TraceQuery } from '@spoor/storage';
import type { CassandraStorage, CassandraStorageConfig } from '@spoor/storage-cassandra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for bounds', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

const START = 1_767_225_600_000_000_000n;
const HOUR = 3_600_000_000_000n;
const context = { tenant: 'default', signal: new AbortController().signal };

describe.skipIf('missing' in outside)('the cost of a question', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const base = configFor(cassandra, ownKeyspace());
  const stores: CassandraStorage[] = [];
  const open = async (read: Partial<CassandraStorageConfig['read']>) => {
    const store = createForTest({ ...base, read: { ...base.read, ...read } });
    stores.push(store);
    await startForTest(store);
    return store;
  };
  const spans = createSpanGenerator({ seed: 3, startTimeUnixNano: START }).spans(1_000);
  const services = [...new Set(spans.map(serviceOf))];
  let whole: CassandraStorage;
  beforeAll(async () => {
    whole = await open({});
    const batch = {
      tenant: 'default',
      encoding: 'otlp_proto' as const,
      spanCount: spans.length,
      bytes: encodeTraces(spans),
    };
    await whole.writer.write([batch], context);
  });
  afterAll(async () => {
    for (const store of stores) await store.stop(context.signal);
    await withClient(cassandra, (client) => client.execute(`DROP KEYSPACE ${base.keyspace}`));
  });

  const query = (conditions: Partial<TraceQuery>): TraceQuery => ({
    attributes: [],
    time: { startUnixNano: START - HOUR, endUnixNano: START + HOUR },
    limit: 10,
    ...conditions,
  });

  test('is refused when all of it is spent for nothing, with what would make it cheaper', async () => {
    const store = await open({ maxRows: 100 });
    const nobody = query({ serviceName: services[0]!, attributes: [{ key: 'nobody', operator: 'gt', value: '1' }] });
    const refusal = store.reader.findTraces(nobody, context);
    await expect(refusal).rejects.toMatchObject({
      code: 'SPOOR_INVALID_REQUEST',
      message: expect.stringMatching(/100 rows and found nothing.*add an operation, or ask for a shorter time/),
    });
    expect((await whole.reader.findTraces(nobody, context)).items).toEqual([]);
  });

  test('that is spent on the way gives what was found, says so, and goes on from there', async () => {
    const store = await open({ maxRows: 400 });
    const all = query({ serviceName: services[0]!, minDurationNanos: 1n, limit: 100 });
    const expected = (await whole.reader.findTraces(all, context)).items;
    expect(expected.length).toBeGreaterThan(20);
    const pages = [];
    for (let page: string | undefined; ; ) {
      const answer = await store.reader.findTraces(page === undefined ? all : { ...all, page }, context);
      pages.push(answer);
      page = answer.nextPage;
      if (page === undefined) break;
      expect(answer.incomplete).toMatch(/400 rows/);
    }
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap(({ items }) => items)).toEqual(expected);
  });

  test('without a service grows with the services, and is refused where there are many', async () => {
    const store = await open({ maxServices: services.length - 1 });
    const error = [{ key: 'error', value: 'true' }];
    await expect(store.reader.findTraces(query({ attributes: error }), context)).rejects.toMatchObject({
      code: 'SPOOR_INVALID_REQUEST',
      message: expect.stringContaining('name the service'),
    });
    expect((await whole.reader.findTraces(query({ attributes: error }), context)).items.length).toBeGreaterThan(0);
  });

  test('is bounded for lists of names, too', async () => {
    const store = await open({ maxRows: services.length - 1 });
    const refused = {
      code: 'SPOOR_INVALID_REQUEST',
      message: expect.stringContaining('storage.cassandra.read.maxRows'),
    };
    await expect(store.reader.getServices(context)).rejects.toMatchObject(refused);
    expect(await whole.reader.getServices(context)).toEqual(services.toSorted());
    const like = { ...spans[0]!, attributes: [] };
    const many = services.map((_, i) => ({ ...like, spanId: `${i + 1}`.padStart(16, '0'), name: `GET /cart/${i}` }));
    const bytes = encodeTraces(many);
    const batch = { tenant: 'names', encoding: 'otlp_proto' as const, spanCount: many.length, bytes };
    await whole.writer.write([batch], context);
    const ofNames = { ...context, tenant: 'names' };
    await expect(store.reader.getOperations(serviceOf(like), ofNames)).rejects.toMatchObject(refused);
    expect(await whole.reader.getOperations(serviceOf(like), ofNames)).toHaveLength(many.length);
  });

  test('of a trace with large spans is read in many answers, and comes whole', async () => {
    const attributes = [{ key: 'body', value: 'x'.repeat(100_000) }];
    const large = Array.from({ length: 130 }, (_, i) => ({
      ...spans[0]!,
      traceId: 'e'.repeat(32),
      spanId: `${i + 1}`.padStart(16, '0'),
      attributes,
    }));
    const batch = {
      tenant: 'default',
      encoding: 'otlp_proto' as const,
      spanCount: large.length,
      bytes: encodeTraces(large),
    };
    await whole.writer.write([batch], context);
    const sizes = [];
    for await (const some of whole.reader.getTrace('e'.repeat(32), context)) sizes.push(some.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(large.length);
    expect(sizes[0]).toBe(64);
    expect(Math.max(...sizes.slice(1))).toBeLessThan(45);
    expect(await whole.reader.summariseTraces(['e'.repeat(32)], context)).toMatchObject([{ spanCount: large.length }]);
  });

  test('does not stand in the way of thousands that start in the same microsecond', async () => {
    const [like] = spans;
    const together = Array.from({ length: 2_500 }, (_, i) => ({
      ...like!,
      traceId: (i + 1).toString(16).padStart(32, '0'),
      startTimeUnixNano: START - HOUR,
      attributes: [{ key: 'together', value: 'yes' }],
    }));
    const batch = {
      tenant: 'crowd',
      encoding: 'otlp_proto' as const,
      spanCount: together.length,
      bytes: encodeTraces(together),
    };
    await whole.writer.write([batch], context);
    const ids = together.map(({ traceId }) => traceId);
    const found = async (conditions: Partial<TraceQuery>) => {
      const asked = query({ serviceName: serviceOf(like!), limit: 3_000, ...conditions });
      return (await whole.reader.findTraces(asked, { ...context, tenant: 'crowd' })).items.map(
        ({ traceId }) => traceId,
      );
    };
    expect(await found({ attributes: [{ key: 'together', value: 'yes' }] })).toEqual(ids);
    expect(await found({})).toEqual(ids);
    expect(await found({ operationName: like!.name, limit: 40 })).toEqual(ids.slice(0, 40));

    // Its token names what was shown: pages go on until that is too much, and say so.
    const asked = query({ serviceName: serviceOf(like!), limit: 700 });
    const pages = [];
    for (let page: string | undefined; pages.length === 0 || page !== undefined; page = pages.at(-1)!.nextPage)
      pages.push(
        await whole.reader.findTraces(page === undefined ? asked : { ...asked, page }, { ...context, tenant: 'crowd' }),
      );
    expect(pages.flatMap(({ items }) => items.map(({ traceId }) => traceId))).toEqual(ids.slice(0, 2_100));
    expect(pages.map(({ incomplete }) => incomplete)).toEqual([
      undefined,
      undefined,
      expect.stringMatching(/pages end after 1500 traces; ask for an earlier time/),
    ]);
  });

  test('of dependencies is bounded; beyond it, what a job has computed is the answer', async () => {
    const store = await open({ maxRows: 100 });
    const time = { startUnixNano: START, endUnixNano: START + HOUR };
    await expect(store.dependencies.getDependencies(time, context)).rejects.toMatchObject({
      code: 'SPOOR_INVALID_REQUEST',
    });
    await withClient(cassandra, async (client) => {
      const insert = `INSERT INTO ${base.keyspace}.dependencies_v2 (ts_bucket, ts, dependencies) VALUES (?, ?, ?)`;
      const day = new Date('2026-01-01T00:00:00Z');
      const link = (parent: string, child: string, calls: bigint) => ({ parent, child, call_count: calls, source: '' });
      const rows = [
        [new Date('2026-01-01T00:10:00Z'), [link('web', 'api', 5n), link('api', 'db', 1n)]],
        [new Date('2026-01-01T00:20:00Z'), [link('web', 'api', 2n)]],
        [new Date('2026-01-01T01:00:00Z'), [link('web', 'api', 100n)]],
      ] as const;
      for (const [ts, links] of rows) await client.execute(insert, [day, ts, links], { prepare: true });
    });
    expect(await store.dependencies.getDependencies(time, context)).toEqual([
      { parent: 'api', child: 'db', callCount: 1 },
      { parent: 'web', child: 'api', callCount: 7 },
    ]);
    // What can be counted is counted.
    const counted = await whole.dependencies.getDependencies(time, context);
    expect(counted.every(({ parent }) => services.includes(parent))).toBe(true);
    expect(counted.reduce((sum, { callCount }) => sum + callCount, 0)).toBe(
      spans.filter(({ parentSpanId }) => parentSpanId !== '').length,
    );
  });
});

function serviceOf(span: Span): string {
  return String(span.resource.attributes.find(({ key }) => key === 'service.name')?.value);
}
