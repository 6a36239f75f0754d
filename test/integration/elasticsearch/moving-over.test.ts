import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { elasticsearchConfig } from '@spoor/storage-elasticsearch';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { call, createForTest, ownPrefix, removeIndices, startForTest } from './open-search-store.ts';

type Settings = NonNullable<Parameters<typeof elasticsearchConfig>[0]>;

const OUTSIDE = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const BEGINNING = 1_767_225_600_000_000_000n;
const { signal } = new AbortController();
const context = { tenant: 'default', signal };

/** Settings before and after somebody moved; the prefix is the test's own. */
const MOVES: readonly (readonly [string, Settings, Settings])[] = [
  ['from days to hours', {}, { rotation: { frequency: 'hour', serviceFrequency: 'hour' } }],
  ['from hours to days', { rotation: { frequency: 'hour', serviceFrequency: 'hour' } }, {}],
  ['from aliases to days', { rotation: { type: 'alias' } }, {}],
  ['from days to aliases', {}, { rotation: { type: 'alias' } }],
  ['from a Jaeger on aliases', { layout: 'jaeger', rotation: { type: 'alias' } }, { readLayouts: ['spoor', 'jaeger'] }],
  [
    'from a Jaeger with days to aliases',
    { layout: 'jaeger' },
    { readLayouts: ['spoor', 'jaeger'], rotation: { type: 'alias' } },
  ],
  [
    'from a Jaeger with dots in its dates',
    { layout: 'jaeger', rotation: { dateSeparator: '.' } },
    { readLayouts: ['spoor', 'jaeger'], reading: { jaeger: { dateSeparator: '.' } } },
  ],
];
/** A data stream cannot be deleted where the commercial modules of Elasticsearch are missing. */
const STREAM_MOVES: typeof MOVES = [
  ['from days to a data stream', {}, { rotation: { type: 'data_stream' } }],
  [
    'from a Jaeger with days to a data stream',
    { layout: 'jaeger' },
    { readLayouts: ['spoor', 'jaeger'], rotation: { type: 'data_stream' } },
  ],
  [
    'from a data stream to days, which must be told',
    { rotation: { type: 'data_stream' } },
    { reading: { spoor: { rotations: ['periodic', 'data_stream'] } } },
  ],
];

/** Names mean the same to both: each has every other move, which halves the time. */
function movesOn(flavour: keyof typeof OUTSIDE): typeof MOVES {
  const isOpenSearch = flavour === 'opensearch';
  const some = MOVES.filter((_, i) => (i % 2 === 1) === isOpenSearch);
  return isOpenSearch ? [...some, ...STREAM_MOVES] : some;
}

describe.each(['elasticsearch', 'opensearch'] as const)('moving over on %s', (flavour) => {
  const outside = OUTSIDE[flavour];

  test(`there is ${flavour}`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
  });

  describe.skipIf('missing' in outside)('from one naming of indices to another', () => {
    const url = 'found' in outside ? outside.found.url : '';
    const prefixes: string[] = [];
    const opened: { stop(signal: AbortSignal): Promise<void> }[] = [];

    afterEach(async () => {
      for (const store of opened.splice(0)) await store.stop(signal);
    });
    afterAll(async () => {
      for (const prefix of prefixes) {
        if (flavour === 'opensearch') await call(url, 'DELETE', `/_data_stream/${prefix}*`);
        await removeIndices(url, prefix);
      }
    });

    function ownPrefixOfTest(): string {
      const prefix = ownPrefix();
      prefixes.push(prefix);
      return prefix;
    }

    async function open(settings: Settings) {
      const store = await startForTest(createForTest(url, settings));
      opened.push(store);
      const write = async (spans: readonly Span[]) => {
        const bytes = encodeTraces(spans);
        const batch = { tenant: 'default', encoding: 'otlp_proto', spanCount: spans.length, bytes } as const;
        expect(await store.writer.write([batch], context)).toEqual({ accepted: spans.length, rejected: [] });
      };
      return { ...store, write };
    }

    function tracesOf(seed: number): readonly Span[] {
      return createSpanGenerator({ seed, startTimeUnixNano: BEGINNING }).spans(30);
    }

    const idsOf = (spans: readonly Span[]) => [...new Set(spans.map(({ traceId }) => traceId))].sort();

    test.each(movesOn(flavour))('%s hides nothing', async (_, before, after) => {
      const indexPrefix = ownPrefixOfTest();
      const [old, young] = [tracesOf(1), tracesOf(2)];
      await (await open({ indexPrefix, ...before })).write(old);
      const store = await open({ indexPrefix, ...after });
      await store.write(young);

      const time = { startUnixNano: BEGINNING - 1_000_000_000n, endUnixNano: BEGINNING + 3_600_000_000_000n };
      const { items, incomplete } = await store.reader.findTraces({ time, attributes: [], limit: 100 }, context);
      expect(incomplete).toBeUndefined();
      expect(items.map(({ traceId }) => traceId).sort()).toEqual(idsOf([...old, ...young]));
      for (const [{ traceId } = { traceId: '' }, all] of [
        [old[0], old],
        [young[0], young],
      ] as const) {
        const found: string[] = [];
        for await (const chunk of store.reader.getTrace(traceId, context))
          found.push(...chunk.map(({ spanId }) => spanId));
        const expected = all.filter((span) => span.traceId === traceId).map(({ spanId }) => spanId);
        expect(found.sort()).toEqual(expected.sort());
      }
      const services = [...old, ...young].map(
        ({ resource }) => resource.attributes.find(({ key }) => key === 'service.name')?.value,
      );
      expect(await store.reader.getServices(context)).toEqual([...new Set(services)].sort());
    });

    test("a Jaeger v2's archive is read behind the alias", async () => {
      const indexPrefix = ownPrefixOfTest();
      const spans = tracesOf(5);
      await (await open({ indexPrefix: `${indexPrefix}-jaeger-archive`, layout: 'jaeger' })).write(spans);
      const index = `${indexPrefix}-jaeger-archive-jaeger-span-*`;
      const add = { index, alias: `${indexPrefix}-jaeger-span-archive-read` };
      await call(url, 'POST', '/_aliases', { actions: [{ add }] });
      const archive = { enabled: true };
      const { archive: archived } = await open({ indexPrefix, readLayouts: ['spoor', 'jaeger'], archive });
      const found: string[] = [];
      const { traceId } = spans[0]!;
      for await (const chunk of archived!.reader.getTrace(traceId, context))
        found.push(...chunk.map(({ spanId }) => spanId));
      const expected = spans.filter((span) => span.traceId === traceId).map(({ spanId }) => spanId);
      expect(found.sort()).toEqual(expected.sort());
    });

    test('to another prefix, retention looks after what is read there', async () => {
      const [before, indexPrefix] = [ownPrefixOfTest(), ownPrefixOfTest()];
      const spans = tracesOf(3);
      await (await open({ indexPrefix: before, layout: 'jaeger' })).write(spans);
      const moved: Settings = {
        indexPrefix,
        readLayouts: ['spoor', 'jaeger'],
        reading: { jaeger: { indexPrefix: before } },
      };
      const store = await open(moved);
      const found: Span[] = [];
      for await (const chunk of store.reader.getTrace(spans[0]!.traceId, context)) found.push(...chunk);
      expect(found).not.toEqual([]);
      const left = async () => Object.keys(await call(url, 'GET', `/${before}-jaeger-span-*`));
      expect(await left()).toHaveLength(1);
      const later = createForTest(url, { ...moved, retention: { maxAge: '7d' } }, { nowMs: () => Date.now() + 8e8 });
      opened.push(later);
      await later.start();
      await expect.poll(left, { timeout: 30_000 }).toEqual([]);
    });
  });
});
