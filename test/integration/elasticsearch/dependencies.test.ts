import type { RequestContext, Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { DependencyLink, Storage, TimeRange } from '@spoor/storage';
import type { LayoutName } from '@spoor/storage-elasticsearch';
import { afterAll, describe, expect, test } from 'vitest';
import { PLAIN_SPAN } from '../../fixtures/plain-span.ts';
import { randomNumbers } from '../../fixtures/random-numbers.ts';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { call, createForTest, ownPrefix, removeIndices, startForTest } from './open-search-store.ts';

const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const DAY_MS = 86_400_000;
const DAY_NANOS = BigInt(DAY_MS) * 1_000_000n;
/** The spans lie on the four days before it. */
const NOW_MS = Date.UTC(2026, 0, 5, 12);
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);
const BEGINNING = BigInt(FIRST_DAY_MS) * 1_000_000n;
const DAYS = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'];
const SERVICES = ['web', 'cart', 'stock', 'bank'];
const { signal } = new AbortController();
const contextOf = (tenant: string): RequestContext => ({ tenant, signal });

function spanOf(trace: number, span: number, parent: number | undefined, service: string, micros: number): Span {
  const start = BEGINNING + BigInt(micros) * 1_000n;
  const idOf = (number: number) => number.toString(16).padStart(16, '0');
  return {
    ...PLAIN_SPAN,
    traceId: (trace + 1).toString(16).padStart(32, '0'),
    spanId: idOf(span + 1),
    parentSpanId: parent === undefined ? '' : idOf(parent + 1),
    name: 'GET /',
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1_000_000n,
    resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0, schemaUrl: '' },
  };
}

/** Traces whose spans lie on any of the four days, with parents on any other, or nowhere. */
function randomSpans(seed: number, count: number, firstTrace = 0): Span[] {
  const { below, pick } = randomNumbers(seed);
  return Array.from({ length: count }, (_, i) => {
    const trace = firstTrace + Math.floor(i / 6);
    const parent = below(5) === 0 ? undefined : below(7) + Math.floor(i / 6) * 6;
    const atEdge = below(4) === 0 ? pick([0, -1]) : below(4 * DAY_MS) * 1_000;
    const micros = Math.max(0, atEdge <= 0 ? below(4) * DAY_MS * 1_000 + atEdge : atEdge);
    return spanOf(trace, i, parent === i ? undefined : parent, pick(SERVICES), micros);
  });
}

/** The promise, without any store: each span whose parent is in the trace is a call. */
function linksAmong(spans: readonly Span[], { startUnixNano, endUnixNano }: TimeRange): DependencyLink[] {
  const serviceOf = (span: Span) => String(span.resource.attributes[0]!.value);
  const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, serviceOf(span)]));
  const counts = new Map<string, number>();
  for (const span of spans) {
    const parent = byId.get(`${span.traceId} ${span.parentSpanId}`);
    if (parent === undefined || span.startTimeUnixNano < startUnixNano || span.startTimeUnixNano > endUnixNano)
      continue;
    const key = `${parent} ${serviceOf(span)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort().map(([key, callCount]) => {
    const [parent, child] = key.split(' ') as [string, string];
    return { parent, child, callCount };
  });
}

/** All of it, whole days, and days in part. */
const TIMES: readonly TimeRange[] = [
  [0n, 4n * DAY_NANOS - 1n],
  [-3n * DAY_NANOS, 9n * DAY_NANOS],
  [DAY_NANOS, 3n * DAY_NANOS - 1n],
  [DAY_NANOS + 1_000n, 3n * DAY_NANOS - 1n],
  [DAY_NANOS / 2n, 3n * DAY_NANOS + DAY_NANOS / 3n],
  [DAY_NANOS, 2n * DAY_NANOS],
  [DAY_NANOS, 2n * DAY_NANOS - 1_001n],
].map(([start, end]) => ({ startUnixNano: BEGINNING + start!, endUnixNano: BEGINNING + end! }));

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(`counted days on ${flavour}`, () => {
    const url = 'found' in outside ? outside.found.url : '';
    const stores: Storage[] = [];
    const prefixes: string[] = [];

    afterAll(async () => {
      for (const store of stores) await store.stop(signal);
      for (const prefix of prefixes) await removeIndices(url, prefix);
    });

    function freshPrefix(): string {
      const prefix = ownPrefix();
      prefixes.push(prefix);
      return prefix;
    }

    async function open(settings: Parameters<typeof createForTest>[1]): Promise<Storage> {
      const store = await startForTest(createForTest(url, settings, { nowMs: () => NOW_MS }));
      stores.push(store);
      return store;
    }

    async function write(store: Storage, spans: readonly Span[], tenant = 'default'): Promise<void> {
      const batch = { tenant, encoding: 'otlp_proto', spanCount: spans.length, bytes: encodeTraces(spans) } as const;
      expect(await store.writer.write([batch], contextOf(tenant))).toMatchObject({ accepted: spans.length });
    }

    /** As people call it, in the middle of the fifth day. */
    async function compute(prefix: string, layout: LayoutName, ...argv: string[]) {
      const [operands, own] = [argv.filter((one) => !one.startsWith('-')), argv.filter((one) => one.startsWith('-'))];
      const flags = [`--index-prefix=${prefix}`, `--layout=${layout}`, '--json', ...own];
      const result = await runSpoor(['dependencies', 'compute', ...operands, url, ...flags], {}, () => NOW_MS);
      expect(result).toMatchObject({ code: 0, stderr: '' });
      return JSON.parse(result.stdout) as { day: string; tenants: { tenant: string; spans: number; calls: number }[] };
    }

    interface StoredDocument {
      readonly _index: string;
      readonly _id: string;
      readonly _source: { readonly timestamp: string | number; readonly dependencies: readonly object[] };
    }

    async function documents(prefix: string, layout: LayoutName): Promise<readonly StoredDocument[]> {
      const found = await call(url, 'GET', `/${prefix}-${layout}-dependencies-*/_search?size=100`);
      return (found as { hits: { hits: StoredDocument[] } }).hits.hits;
    }

    test.for([
      ['spoor', 'periodic'],
      ['jaeger', 'periodic'],
      ['jaeger', 'alias'],
    ] as const)('layout %s, %s: with and without them, every time has the same calls', async ([layout, type]) => {
      const prefix = freshPrefix();
      const rotation = { type };
      const store = await open({ indexPrefix: prefix, layout, rotation });
      const spans = randomSpans(layout.length + type.length, 240);
      await write(store, spans);
      await write(store, randomSpans(3, 30, 900), 'other');
      const check = async (all: readonly Span[]) => {
        for (const time of TIMES)
          expect(await store.dependencies.getDependencies(time, contextOf('default'))).toEqual(linksAmong(all, time));
      };
      await check(spans);
      const argv = [`--storage.elasticsearch.rotation.type=${type}`];
      for (const day of ['2026-01-02', '2026-01-03'])
        expect(await compute(prefix, layout, day, ...argv)).toMatchObject({ day, tenants: { length: 2 } });
      await check(spans);
      for (const day of DAYS) await compute(prefix, layout, `--day=${day}`, ...argv);
      await check(spans);
      expect(await documents(prefix, layout)).toHaveLength(8);

      // What comes late is in the answer at once, and in the documents when the days are counted again.
      const late = randomSpans(99, 60, 500);
      await write(store, late);
      await check([...spans, ...late]);
      if (type === 'alias') {
        const alias = `${prefix}-${layout}-dependencies-write`;
        await call(url, 'POST', `/${alias}/_rollover`, { aliases: { [alias.replace('-write', '-read')]: {} } });
      }
      // Twice at once.
      await Promise.all([1, 2].map(() => compute(prefix, layout, '2026-01-02', ...argv)));
      for (const day of DAYS) await compute(prefix, layout, day, ...argv);
      await check([...spans, ...late]);
      expect(await documents(prefix, layout)).toHaveLength(8);

      // The calls outlive their spans.
      const gone = (await call(url, 'GET', `/_cat/indices/${prefix}-${layout}-span-*?format=json`)) as {
        index: string;
      }[];
      if (type === 'periodic') {
        await call(url, 'DELETE', `/${gone.map(({ index }) => index).join(',')}`);
        const [all] = TIMES as [TimeRange];
        expect(await store.dependencies.getDependencies(all, contextOf('default'))).toEqual(
          linksAmong([...spans, ...late], all),
        );
      }
    });

    test('layout jaeger: a Jaeger finds the document of its job', async () => {
      const prefix = freshPrefix();
      const store = await open({ indexPrefix: prefix, layout: 'jaeger' });
      await write(store, [
        spanOf(0, 0, undefined, 'web', 0),
        spanOf(0, 1, 0, 'cart', 5),
        spanOf(0, 2, 1, 'cart', 6),
        spanOf(0, 3, 0, 'cart', 7),
      ]);
      await compute(prefix, 'jaeger', '2026-01-01');
      expect(await compute(prefix, 'jaeger')).toEqual({ day: '2026-01-05', tenants: [] });
      expect(await documents(prefix, 'jaeger')).toMatchObject([
        {
          _index: `${prefix}-jaeger-dependencies-2026-01-01`,
          _source: {
            timestamp: '2026-01-01T00:00:00Z',
            dependencies: [
              { parent: 'cart', child: 'cart', callCount: 1, source: 'jaeger' },
              { parent: 'web', child: 'cart', callCount: 2, source: 'jaeger' },
            ],
          },
        },
      ]);
      // As the peer asks (CONTRACT §5.5): by the range of `timestamp`.
      const range = { timestamp: { gte: '2025-12-31T12:00:00Z', lte: '2026-01-01T12:00:00Z' } };
      const found = await call(url, 'POST', `/${prefix}-jaeger-dependencies-*/_search`, { query: { range } });
      expect(found).toMatchObject({ hits: { hits: { length: 1 } } });
    });

    test('documents of both origins: a day that Spoor counted counts once', async () => {
      const prefix = freshPrefix();
      const store = await open({ indexPrefix: prefix, layout: 'jaeger' });
      await write(store, [spanOf(0, 0, undefined, 'web', 0), spanOf(0, 1, 0, 'cart', 5)]);
      await compute(prefix, 'jaeger', '2026-01-01');
      const job = (day: string) =>
        call(url, 'POST', `/${prefix}-jaeger-dependencies-${day}/_doc?refresh=true`, {
          timestamp: `${day}T00:00:00Z`,
          dependencies: [{ parent: 'web', child: 'cart', callCount: 1, source: 'jaeger' }],
        });
      await job('2026-01-01');
      await job('2026-01-02');
      await job('2026-01-02');
      const [all] = TIMES as [TimeRange];
      const calls = async (source: 'spans' | 'documents') => {
        const reading = await open({ indexPrefix: prefix, layout: 'jaeger', dependencies: { source } });
        return reading.dependencies.getDependencies(all, contextOf('default'));
      };
      expect(await calls('spans')).toEqual([{ parent: 'web', child: 'cart', callCount: 1 }]);
      expect(await calls('documents')).toEqual([{ parent: 'web', child: 'cart', callCount: 3 }]);
    });

    test('with the setting, a store counts days that are over by itself', async () => {
      const prefix = freshPrefix();
      const store = await open({ indexPrefix: prefix, dependencies: { write: true }, careInterval: '200ms' });
      await write(store, [spanOf(0, 0, undefined, 'web', 0), spanOf(0, 1, 0, 'cart', 5)]);
      await expect
        .poll(() => documents(prefix, 'spoor'), { timeout: 30_000, interval: 200 })
        .toMatchObject([{ _id: 'spoor_2026-01-01', _source: { dependencies: [{ callCount: 1 }] } }]);
    });

    test('a count of some layouts is none of others', async () => {
      const prefix = freshPrefix();
      const old = await open({ indexPrefix: prefix, layout: 'jaeger' });
      const fresh = await open({ indexPrefix: prefix });
      const both = await open({ indexPrefix: prefix, readLayouts: ['spoor', 'jaeger'] });
      await write(old, [spanOf(0, 0, undefined, 'web', 0)]);
      await write(fresh, [spanOf(0, 1, 0, 'cart', 5), spanOf(0, 2, 1, 'cart', 6)]);
      const calls = async (store: Storage) => {
        const [all] = TIMES as [TimeRange];
        const links = await store.dependencies.getDependencies(all, contextOf('default'));
        return Object.fromEntries(links.map(({ parent, child, callCount }) => [`${parent} ${child}`, callCount]));
      };
      /** Whoever takes the document gets these. */
      const replace = (callCount: number) =>
        call(url, 'POST', `/${prefix}-spoor-dependencies-2026-01-01/_update/spoor_2026-01-01?refresh=true`, {
          doc: { dependencies: [{ parent: 'stored', child: 'stored', callCount }] },
        });
      await compute(prefix, 'spoor', '2026-01-01');
      await replace(7);
      expect([await calls(fresh), await calls(both)]).toEqual([
        { 'stored stored': 7 },
        { 'web cart': 1, 'cart cart': 1 },
      ]);
      await compute(prefix, 'spoor', '2026-01-01', '--storage.elasticsearch.readLayouts=jaeger,spoor');
      expect(await calls(both)).toEqual({ 'web cart': 1, 'cart cart': 1 });
      await replace(8);
      expect([await calls(fresh), await calls(both)]).toEqual([{ 'cart cart': 1 }, { 'stored stored': 8 }]);
    });

    test('what cannot be counted is told', async () => {
      const run = (...argv: string[]) => runSpoor(['dependencies', 'compute', ...argv], {}, () => NOW_MS);
      expect(await run('2026-02-30', url)).toMatchObject({ code: 2, stderr: expect.stringContaining('no day') });
      expect(await run('2026-01-01', url, '--day=2026-01-01')).toMatchObject({ code: 2 });
      const unknown = await runSpoor(['dependencies', 'compute'], { STORAGE: 'badger' }, () => NOW_MS);
      expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('badger') });
    });

    test('the variables of the job of the peer say the same', async () => {
      const prefix = freshPrefix();
      const store = await open({ indexPrefix: prefix, rotation: { dateSeparator: '.' } });
      await write(store, [spanOf(0, 0, undefined, 'web', 0), spanOf(0, 1, 0, 'cart', 5)]);
      const names = flavour === 'opensearch' ? 'OS' : 'ES';
      const env = {
        STORAGE: flavour,
        DATE: '2026-01-01',
        [`${names}_NODES`]: new URL(url).host,
        [`${names}_INDEX_PREFIX`]: prefix,
        [`${names}_INDEX_DATE_SEPARATOR`]: '.',
        [`${names}_NODES_WAN_ONLY`]: 'true',
        [`${names}_TIME_RANGE`]: '24h',
      };
      const result = await runSpoor(['dependencies', 'compute'], env, () => NOW_MS);
      expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/default +2 +1 +1/) });
      expect(await documents(prefix, 'spoor')).toMatchObject([{ _index: `${prefix}-spoor-dependencies-2026.01.01` }]);
    });
  });
}
