import type { RequestContext, Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { DependencyLink } from '@spoor/storage';
import type { CassandraStorage, CassandraStorageConfig } from '@spoor/storage-cassandra';
import { cassandraDependencyJob } from '@spoor/storage-cassandra';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomNumbers } from '../../fixtures/random-numbers.ts';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { type Cassandra, startCassandra } from '../../harness/cassandra.ts';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { configFor, createForTest, ownKeyspace, startForTest, withClient } from './open-cassandra.ts';

const outside = await startCassandra();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Cassandra for calls between services', (context) => {
  foundOrSkipped<Cassandra>(outside, (note) => context.skip(note));
});

const DAY = '2026-01-02';
const DAY_NANOS = 86_400_000_000_000n;
const BEGINNING = BigInt(Date.UTC(2026, 0, 2)) * 1_000_000n;
const TIME = { startUnixNano: BEGINNING, endUnixNano: BEGINNING + DAY_NANOS - 1n };
const SERVICES = ['web', 'cart', 'stock', 'bank', 'mail'];
const { signal } = new AbortController();
const contextOf = (tenant: string): RequestContext => ({ tenant, signal });
const [like] = createSpanGenerator({ seed: 1 }).spans(1);
const idOf = (number: number) => number.toString(16).padStart(16, '0');

/** Traces with parents within and without, half of whose spans lie on the day, the others around it, some at its very edges. */
function randomSpans(seed: number, count: number): Span[] {
  const { below, pick } = randomNumbers(seed);
  return Array.from({ length: count }, (_, i) => {
    const trace = Math.floor(i / 7);
    const parent = below(5) === 0 ? undefined : trace * 7 + below(8);
    const nanos = [0n, DAY_NANOS - 1_000n, -1_000n, DAY_NANOS][below(12)];
    const start = BEGINNING + (nanos ?? BigInt(below(172_800_000_000) - 43_200_000_000) * 1_000n);
    return {
      ...like!,
      traceId: (trace + 1).toString(16).padStart(32, '0'),
      spanId: idOf(i + 1),
      parentSpanId: parent === undefined || parent === i ? '' : idOf(parent + 1),
      kind: 'server',
      startTimeUnixNano: start,
      endTimeUnixNano: start + 1_000n,
      links: [],
      resource: { ...like!.resource, attributes: [{ key: 'service.name', value: pick(SERVICES) }] },
    };
  });
}

const serviceOf = (span: Span) => String(span.resource.attributes[0]?.value);
const isOnDay = ({ startTimeUnixNano: start }: Span) => start >= TIME.startUnixNano && start <= TIME.endUnixNano;

/** The promise, without any store. */
function linksAmong(spans: readonly Span[]): DependencyLink[] {
  const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, serviceOf(span)]));
  const counts = new Map<string, number>();
  for (const span of spans.filter(isOnDay)) {
    const parent = byId.get(`${span.traceId} ${span.parentSpanId}`);
    if (parent === undefined) continue;
    const key = `${parent} ${serviceOf(span)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort().map(([key, callCount]) => {
    const [parent, child] = key.split(' ') as [string, string];
    return { parent, child, callCount };
  });
}

describe.skipIf('missing' in outside)('a day of calls', () => {
  if ('missing' in outside) return;
  const cassandra = outside.found;
  const base = configFor(cassandra, ownKeyspace());
  const spans = { default: randomSpans(1, 700), acme: randomSpans(2, 140) };
  const stores: CassandraStorage[] = [];
  const open = async (read: Partial<CassandraStorageConfig['read']> = {}) => {
    const store = createForTest({ ...base, read: { ...base.read, ...read } });
    stores.push(store);
    await startForTest(store);
    return store;
  };
  beforeAll(async () => {
    const { writer } = await open();
    for (const [tenant, some] of Object.entries(spans)) {
      const batch = { tenant, encoding: 'otlp_proto', spanCount: some.length, bytes: encodeTraces(some) } as const;
      await writer.write([batch], { signal });
    }
  });
  afterAll(async () => {
    for (const store of stores) await store.stop(signal);
    await withClient(cassandra, (client) => client.execute(`DROP KEYSPACE ${base.keyspace}`));
  });
  const compute = (...words: string[]) =>
    runSpoor(['dependencies', 'compute', ...words], {
      STORAGE: 'cassandra',
      CASSANDRA_CONTACT_POINTS: cassandra.host,
      CASSANDRA_PORT: String(cassandra.port),
      CASSANDRA_KEYSPACE: base.keyspace,
    });

  test.each([
    ['services', { maxServices: 4 }, /5 services, more than 4: raise storage\.cassandra\.read\.maxServices/],
    ['rows', { maxRows: 100 }, /more than 100 rows: ask for a shorter time, raise storage\.cassandra\.read\.maxRows/],
  ])('that has too many %s is refused with what to do, while nobody has counted it', async (_, read, message) => {
    const { dependencies } = await open(read);
    const refusal = dependencies.getDependencies(TIME, contextOf('acme'));
    await expect(refusal).rejects.toMatchObject({
      code: 'SPOOR_INVALID_REQUEST',
      message: expect.stringMatching(message),
    });
    await expect(refusal).rejects.toThrow(/spoor dependencies compute --storage-type=cassandra/);
  });

  test('is counted from the command line, as often as one likes, for every tenant', async () => {
    const none = await compute('2020-01-01');
    expect(none).toEqual({ code: 0, stderr: '', stdout: 'there are no spans of 2020-01-01\n' });
    for (const _ of ['once', 'again']) {
      const { code, stdout, stderr } = await compute(DAY, '--json');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const tenants = Object.entries(spans).map(([tenant, some]) => {
        const links = linksAmong(some);
        const calls = links.reduce((sum, { callCount }) => sum + callCount, 0);
        return { tenant, spans: some.filter(isOnDay).length, links: links.length, calls };
      });
      expect(JSON.parse(stdout)).toEqual({ day: DAY, tenants });
    }
    for (const read of [{ maxServices: 4 }, { maxRows: 100 }]) {
      const { dependencies } = await open(read);
      for (const [tenant, some] of Object.entries(spans))
        expect(await dependencies.getDependencies(TIME, contextOf(tenant))).toEqual(linksAmong(some));
    }
    // Where there is room for it, calls are counted when they are asked for, and are the same.
    const { dependencies } = await open();
    expect(await dependencies.getDependencies(TIME, contextOf('default'))).toEqual(linksAmong(spans.default));
  });

  test('lies where the job of the peer puts it and a Jaeger looks, without other tenants', async () => {
    await compute(DAY);
    const { rows } = await withClient(cassandra, (client) =>
      client.execute(`SELECT ts_bucket, ts, dependencies FROM ${base.keyspace}.dependencies_v2`),
    );
    const start = new Date(`${DAY}T00:00:00Z`);
    const list = linksAmong(spans.default).map(({ parent, child, callCount }) => ({
      ...{ parent, child },
      call_count: BigInt(callCount),
      source: 'jaeger',
    }));
    expect(rows.map((row) => ({ ...row }))).toEqual([{ ts_bucket: start, ts: start, dependencies: list }]);
  });

  test('is the same in however many pieces it is read', async () => {
    const job = cassandraDependencyJob(base, { maxTraces: 60 });
    const computed = await job.compute(DAY, signal);
    await job.close();
    const links = Object.fromEntries(computed.map((of) => [of.tenant, of.links]));
    expect(links).toEqual({ default: linksAmong(spans.default), acme: linksAmong(spans.acme) });
  });

  test('of other tenants says what is missing in a keyspace that a peer has made', async () => {
    await withClient(cassandra, (client) => client.execute(`DROP TABLE ${base.keyspace}.spoor_dependencies`));
    expect(await compute(DAY)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/spoor_dependencies.*spoor schema/),
    });
    const store = createForTest({
      ...base,
      schema: { ...base.schema, create: false },
      read: { ...base.read, maxRows: 100 },
    });
    stores.push(store);
    await startForTest(store);
    await expect(store.dependencies.getDependencies(TIME, contextOf('acme'))).rejects.toThrow(/dependencies compute/);
    expect(await store.dependencies.getDependencies(TIME, contextOf('default'))).toEqual(linksAmong(spans.default));
  });
});
