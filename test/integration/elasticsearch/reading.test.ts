import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { Storage, TraceQuery } from '@spoor/storage';
import { LAYOUT_NAMES, type LayoutName } from '@spoor/storage-elasticsearch';
import { afterAll, describe, expect, test } from 'vitest';
import { PLAIN_SPAN } from '../../fixtures/plain-span.ts';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { call, createForTest, ownPrefix, removeIndices, startForTest } from './open-search-store.ts';

const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const BEGINNING = 1_767_225_600_000_000_000n;
const DAY = 86_400_000_000_000n;
const context = { tenant: 'default', signal: new AbortController().signal };

const traceIdOf = (number: number) => number.toString(16).padStart(32, '0');
const golden = (name: string): Record<string, unknown> =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../libs/storage-elasticsearch/golden/jaeger', name), 'utf8'),
  );

function spanOf(trace: number, span: number, fields: Partial<Span> = {}, startMicros = 0): Span {
  const start = BEGINNING + BigInt(startMicros) * 1_000n;
  return {
    ...PLAIN_SPAN,
    traceId: traceIdOf(trace),
    spanId: span.toString(16).padStart(16, '0'),
    name: 'GET /',
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1_000_000n,
    resource: { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0, schemaUrl: '' },
    ...fields,
  };
}

function queryOf(conditions: Partial<TraceQuery> = {}): TraceQuery {
  return {
    attributes: [],
    time: { startUnixNano: BEGINNING - DAY, endUnixNano: BEGINNING + DAY - 1n },
    limit: 20,
    ...conditions,
  };
}

async function write(store: Storage, spans: readonly Span[]): Promise<void> {
  const bytes = encodeTraces(spans);
  const batch = { tenant: 'default', encoding: 'otlp_proto' as const, spanCount: spans.length, bytes };
  expect(await store.writer.write([batch], context)).toEqual({ accepted: spans.length, rejected: [] });
}

async function spansOf(store: Storage, traceId: string): Promise<Span[]> {
  const spans: Span[] = [];
  for await (const chunk of store.reader.getTrace(traceId, context)) spans.push(...chunk);
  return spans;
}

for (const [flavour, outside] of Object.entries(SERVERS)) {
  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)(flavour, () => {
    if ('missing' in outside) return;
    const { url } = outside.found;
    const stores: Storage[] = [];
    const prefixes: string[] = [];
    afterAll(async () => {
      for (const store of stores) await store.stop(new AbortController().signal);
      for (const prefix of prefixes) await removeIndices(url, prefix);
    });

    async function open(indexPrefix: string, layout: LayoutName, readLayouts: LayoutName[] = []): Promise<Storage> {
      const store = await startForTest(createForTest(url, { indexPrefix, layout, readLayouts }));
      stores.push(store);
      return store;
    }

    function freshPrefix(): string {
      const prefix = ownPrefix();
      prefixes.push(prefix);
      return prefix;
    }

    describe('what a Jaeger wrote', async () => {
      const prefix = freshPrefix();
      const documents = ['span-of-v1', 'span-of-v1-fields', 'span-of-v2', 'span-of-v2-20'].map((name, i) => {
        const document = golden(`${name}.json`);
        // A trace each, except that both forms of v1's ids are of the same one.
        const traceID = i < 2 ? document['traceID'] : `a${i}`.padStart(32, '0');
        return { ...document, traceID, startTime: 1_767_225_600_000_000 + i };
      });
      const V1 = '00000000000000000123456789abcdef';
      const [V2, V2_20] = ['a2', 'a3'].map((id) => id.padStart(32, '0')) as [string, string];

      async function filled(): Promise<Storage> {
        const store = await open(prefix, 'jaeger');
        const lines = documents.flatMap((document) => [
          JSON.stringify({ index: { _index: `${prefix}-jaeger-span-2026-01-01` } }),
          // Which `JSON.parse` has rounded.
          JSON.stringify(document).replace('9007199254740992', '9007199254740993'),
        ]);
        lines.push(JSON.stringify({ index: { _index: `${prefix}-jaeger-service-2026-01-01` } }));
        lines.push(JSON.stringify({ serviceName: 'cart', operationName: 'GET /' }));
        await call(url, 'POST', '/_bulk?refresh=true', `${lines.join('\n')}\n`);
        return store;
      }
      const store = await filled();
      const found = async (conditions: Partial<TraceQuery>) => {
        const page = await store.reader.findTraces(queryOf(conditions), context);
        expect(page.incomplete).toBeUndefined();
        return page.items.map(({ traceId }) => traceId).sort();
      };

      test('is found by id in every form of it', async () => {
        expect(await spansOf(store, V1)).toHaveLength(2);
        expect(await spansOf(store, V2)).toMatchObject([{ parentSpanId: '00000000000000a1' }]);
        expect(await spansOf(store, V2_20)).toMatchObject([{ parentSpanId: '00000000000000a1' }]);
      });

      test.each([
        ['http.method', 'GET'],
        ['http.status_code', '500'],
        ['ratio', '0.5'],
        ['retry', 'false'],
        ['key', '00abff'],
        ['span.kind', 'server'],
        ['error', 'true'],
        ['host.name', 'h1'],
        ['service.name', 'cart'],
      ])('is found by %s=%s, written by whichever version', async (key, value) => {
        expect(await found({ attributes: [{ key, value }] })).toEqual([V2, V2_20, V1].sort());
      });

      test.each([
        // The text of the bytes as base64, which one of the documents has.
        ['key', 'AKv/'],
        ['hostname', 'h1'],
        ['error', 'false'],
        ['http.status_code', '50'],
        ['http.status_code', '5..'],
        ['event', 'exception'],
      ])('is not found by %s=%s', async (key, value) => {
        expect(await found({ attributes: [{ key, value }] })).toEqual([]);
      });

      test('is compared as numbers, also beyond 2^53 and where the type is a text', async () => {
        const by = (value: string) => found({ attributes: [{ key: 'large', operator: 'gt', value }] });
        expect(await by('9007199254740992')).toEqual([V2, V2_20, V1].sort());
        expect(await by('9007199254740993')).toEqual([]);
      });

      test('has services, and operations with the kinds of their spans', async () => {
        expect(await store.reader.getServices(context)).toEqual(['cart']);
        expect(await store.reader.getOperations('cart', context)).toEqual([{ name: 'GET /', spanKind: 'server' }]);
        expect(await store.reader.getOperations('cart', context, 'client')).toEqual([]);
      });

      test('has calls between services, which a job counted', async () => {
        const dependencies = { source: 'documents' } as const;
        const counted = createForTest(url, { indexPrefix: prefix, layout: 'jaeger', dependencies });
        stores.push(counted);
        const link = { parent: 'web', child: 'cart', callCount: 7, source: 'jaeger' };
        const document = { timestamp: '2026-01-01T00:00:00Z', dependencies: [link] };
        const index = `${prefix}-jaeger-dependencies-2026-01-01`;
        await call(url, 'PUT', `/${index}/_doc/1?refresh=true`, document);
        const time = queryOf().time;
        const links = [{ parent: 'web', child: 'cart', callCount: 7 }];
        expect(await counted.dependencies.getDependencies(time, context)).toEqual(links);
        const before = { startUnixNano: BEGINNING - DAY, endUnixNano: BEGINNING - 1n };
        expect(await counted.dependencies.getDependencies(before, context)).toEqual([]);
      });
    });

    describe('both layouts at once', async () => {
      const prefix = freshPrefix();
      const old = await open(prefix, 'jaeger');
      const fresh = await open(prefix, 'spoor');
      const both = await open(prefix, 'spoor', ['jaeger', 'spoor']);
      // Twelve traces: some in one layout, some in the other, some in parts, and some spans in both.
      const inOld = (trace: number) => trace % 3 !== 1;
      const inFresh = (trace: number) => trace % 3 !== 2;
      const traces = Array.from({ length: 12 }, (_, i) => i + 1);
      const root = (trace: number) => spanOf(trace, 1, {}, trace * 10);
      const child = (trace: number) => spanOf(trace, 2, { parentSpanId: root(trace).spanId, kind: 'client' }, trace);
      await write(old, [...traces.filter(inOld).map(root), child(3)]);
      await write(fresh, [...traces.filter(inFresh).map(root), child(6)]);

      test('a trace has the spans of both, each once', async () => {
        const ids = async (trace: number) => (await spansOf(both, traceIdOf(trace))).map(({ spanId }) => spanId).sort();
        const [first, second] = [1, 2].map((span) => spanOf(1, span).spanId);
        expect(await ids(1)).toEqual([first]);
        expect(await ids(2)).toEqual([first]);
        expect(await ids(3)).toEqual([first, second]);
        expect(await ids(6)).toEqual([first, second]);
      });

      test.each([1, 5, 12])('pages of %i go across both without a gap or a repetition', async (limit) => {
        const found: string[] = [];
        let page: string | undefined;
        do {
          const answer = await both.reader.findTraces(queryOf({ limit, ...(page && { page }) }), context);
          expect(answer.incomplete).toBeUndefined();
          found.push(...answer.items.map(({ traceId }) => traceId));
          page = answer.nextPage;
          // What arrives while the pages are read belongs to none of them.
          await write(fresh, [spanOf(100 + found.length, 9, { name: `late ${limit}` }, 500)]);
        } while (page !== undefined);
        const whole = await both.reader.findTraces(queryOf({ limit: 100, operationName: 'GET /' }), context);
        expect(whole.items.map(({ traceId }) => traceId)).toEqual(traces.toReversed().map(traceIdOf));
        const isOfBefore = (id: string) => Number.parseInt(id, 16) <= 12;
        expect(found.filter(isOfBefore)).toEqual(traces.toReversed().map(traceIdOf));
        expect(new Set(found).size).toBe(found.length);
      });

      test('summaries, names and calls count a span of both once', async () => {
        const [summary] = await both.reader.summariseTraces([traceIdOf(3)], context);
        expect(summary).toMatchObject({ spanCount: 2, orphanSpanCount: 0 });
        expect(await both.reader.getServices(context)).toEqual(['shop']);
        const operations = await both.reader.getOperations('shop', context);
        expect(operations).toContainEqual({ name: 'GET /', spanKind: 'client' });
        expect(operations).toContainEqual({ name: 'GET /', spanKind: 'server' });
        const time = { startUnixNano: BEGINNING, endUnixNano: BEGINNING + 499_000n };
        expect(await both.dependencies.getDependencies(time, context)).toEqual([
          { parent: 'shop', child: 'shop', callCount: 2 },
        ]);
      });
    });

    test.each(LAYOUT_NAMES)('thousands of spans of one start, layout %s', async (layout) => {
      const store = await open(freshPrefix(), layout);
      // One trace is larger than a page of documents, and so is the number of traces that match.
      const large = Array.from({ length: 2_200 }, (_, i) => spanOf(1, i + 1));
      const many = Array.from({ length: 1_300 }, (_, i) => spanOf(i + 2, 1));
      await write(store, [...large, ...many]);
      expect(new Set((await spansOf(store, traceIdOf(1))).map(({ spanId }) => spanId)).size).toBe(2_200);
      const found: string[] = [];
      let page: string | undefined;
      do {
        const answer = await store.reader.findTraces(queryOf({ limit: 700, ...(page && { page }) }), context);
        found.push(...answer.items.map(({ traceId }) => traceId));
        page = answer.nextPage;
      } while (page !== undefined);
      expect(found).toEqual(Array.from({ length: 1_301 }, (_, i) => traceIdOf(i + 1)));
      // Decided on the documents, of which the last alone is right.
      const right = spanOf(1, 9_999, { attributes: [{ key: 'n', value: 7n }] });
      await write(store, [...large.map((span) => ({ ...span, attributes: [{ key: 'n', value: 6n }] })), right]);
      const attributes = [{ key: 'n', operator: 'gt', value: '6' }] as const;
      const { items, incomplete } = await store.reader.findTraces(queryOf({ attributes }), context);
      expect(items).toHaveLength(1);
      expect(incomplete).toBeUndefined();
    });

    describe('what cannot be read is told', async () => {
      const prefix = freshPrefix();
      const store = await open(prefix, 'spoor');
      await write(store, [spanOf(1, 1), spanOf(2, 1, {}, -1), spanOf(3, 1, {}, -2)]);

      test('an index that fails makes a search incomplete, and a trace an error', async () => {
        const other = freshPrefix();
        const broken = await open(other, 'spoor');
        await write(broken, [spanOf(1, 1)]);
        // The index of the day before, made by somebody else: spans cannot be sorted in it.
        const keyword = { type: 'keyword' };
        const mappings = { properties: { start: { type: 'text' }, tenant: keyword, traceId: keyword } };
        await call(url, 'DELETE', `/_index_template/${other}*`);
        await call(url, 'PUT', `/${other}-spoor-span-2025-12-31`, {
          mappings,
          settings: { number_of_shards: 1, number_of_replicas: 0 },
        });
        await call(url, 'PUT', `/${other}-spoor-span-2025-12-31/_doc/1?refresh=true`, {
          tenant: 'default',
          traceId: traceIdOf(1),
          start: '1767225500000000000',
        });
        const page = await broken.reader.findTraces(queryOf(), context);
        expect(page.items.map(({ traceId }) => traceId)).toEqual([traceIdOf(1)]);
        expect(page.incomplete).toContain('1 of 2 shards failed');
        expect(page.incomplete).toContain('spoor-span-2025-12-31');
        const today = { startUnixNano: BEGINNING, endUnixNano: BEGINNING + DAY - 1n };
        expect((await broken.reader.findTraces(queryOf({ time: today }), context)).incomplete).toBeUndefined();
        const unavailable = { code: 'SPOOR_STORAGE_UNAVAILABLE' };
        await expect(spansOf(broken, traceIdOf(1))).rejects.toMatchObject(unavailable);
        await expect(broken.reader.summariseTraces([traceIdOf(1)], context)).rejects.toMatchObject(unavailable);
      });

      test('pages go on when what they were read from is gone, and say so', async () => {
        const first = await store.reader.findTraces(queryOf({ limit: 1 }), context);
        expect(first.nextPage).toBeDefined();
        await closeAllPointsInTime(url, flavour, first.nextPage!);
        const second = await store.reader.findTraces(queryOf({ limit: 1, page: first.nextPage! }), context);
        expect(second.items.map(({ traceId }) => traceId)).toEqual([traceIdOf(2)]);
        expect(second.incomplete).toContain('no longer keep');
        const third = await store.reader.findTraces(queryOf({ limit: 1, page: second.nextPage! }), context);
        expect(third.items.map(({ traceId }) => traceId)).toEqual([traceIdOf(3)]);
        expect(third.incomplete).toBeUndefined();
        expect(third.nextPage).toBeUndefined();
      });

      test('a caller that gives up gets no answer, and servers that are away are unavailable', async () => {
        const aborted = { tenant: 'default', signal: AbortSignal.abort() };
        await expect(store.reader.findTraces(queryOf(), aborted)).rejects.toMatchObject({
          code: 'SPOOR_DEADLINE_EXCEEDED',
        });
        const away = createForTest('http://127.0.0.1:9', {});
        stores.push(away);
        const unavailable = { code: 'SPOOR_STORAGE_UNAVAILABLE' };
        await expect(away.reader.findTraces(queryOf(), context)).rejects.toMatchObject(unavailable);
        await expect(away.reader.getServices(context)).rejects.toMatchObject(unavailable);
        await expect(spansOf(away, traceIdOf(1))).rejects.toMatchObject(unavailable);
      });
    });
  });
}

/** As when they expire. */
async function closeAllPointsInTime(url: string, flavour: string, token: string): Promise<void> {
  const { inflateRawSync } = await import('node:zlib');
  const [, , points] = JSON.parse(inflateRawSync(Buffer.from(token, 'base64url')).toString());
  for (const id of Object.values(points)) {
    if (flavour === 'opensearch') await call(url, 'DELETE', '/_search/point_in_time', { pit_id: [id] });
    else await call(url, 'DELETE', '/_pit', { id });
  }
}
