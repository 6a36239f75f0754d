import { contractWriter } from '@spoor/derive/contract';
import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { SpanWriter, Storage } from '@spoor/storage';
import { describeStorage, type OpenStore, reopening } from '@spoor/storage/contract';
import { LAYOUT_NAMES, type LayoutName } from '@spoor/storage-elasticsearch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../fixtures/spans.ts';
import { runSpoor } from '../../harness/cli.ts';
import { foundOrSkipped, type SearchServer, startElasticsearch, startOpenSearch } from '../../harness/index.ts';
import { call, createForTest, ownPrefix, startForTest, TRAITS } from './open-search-store.ts';

const SERVERS = { elasticsearch: await startElasticsearch(), opensearch: await startOpenSearch() };
const ROTATION = { rotation: { type: 'data_stream', maxAge: '0', maxBytes: 0, maxDocuments: 1 } } as const;
const WRITES_PER_INDEX = 20;
const { signal } = new AbortController();
const context = { tenant: 'default', signal };

for (const [flavour, outside] of Object.entries(SERVERS)) {
  // A container's Elasticsearch has what its vendor adds; the core alone makes data streams and cannot delete them.
  const isWhole = 'found' in outside && (await fetch(`${outside.found.url}/_data_stream`)).ok;

  test(`there is ${flavour} with data streams`, (context) => {
    foundOrSkipped<SearchServer>(outside, (note) => context.skip(note));
    if (!isWhole) context.skip(`This ${flavour} is the core alone, which cannot list and delete data streams`);
  });

  describe.skipIf(!isWhole)(`data streams of ${flavour}`, () => {
    if ('found' in outside) describeDataStreams(outside.found.url);
  });
}

function describeDataStreams(url: string): void {
  const streamOf = (prefix: string, layout: LayoutName) => `${prefix}.${layout}.spans`;

  async function remove(prefix: string, layout: LayoutName): Promise<void> {
    await call(url, 'DELETE', `/_data_stream/${streamOf(prefix, layout)}`);
    const others = Object.keys(await call(url, 'GET', `/${prefix}-*?expand_wildcards=all`));
    if (others.length > 0) await call(url, 'DELETE', `/${others.join(',')}`);
    await call(url, 'DELETE', `/_index_template/${prefix}*`);
  }

  const rollOver = (prefix: string, layout: LayoutName) =>
    call(url, 'POST', `/${streamOf(prefix, layout)}/_rollover`, {});

  /** As the store, but every so many writes go to a new backing index. */
  function rollingOver(writer: SpanWriter, begin: () => Promise<unknown>): SpanWriter {
    let writes = 0;
    return {
      async write(batches, context) {
        const outcome = await writer.write(batches, context);
        writes += 1;
        if (writes % WRITES_PER_INDEX === 0) await begin();
        return outcome;
      },
    };
  }

  async function openRolling(layout: LayoutName): Promise<OpenStore> {
    const indexPrefix = ownPrefix();
    const begin = async () => {
      const store = await startForTest(createForTest(url, { indexPrefix, layout, ...ROTATION }));
      return { ...store, writer: rollingOver(contractWriter(store), () => rollOver(indexPrefix, layout)) };
    };
    return reopening(begin, () => remove(indexPrefix, layout));
  }

  describeStorage('a data stream that rolls over', {
    open: () => openRolling('spoor'),
    traits: { ...TRAITS.spoor, scenarios: 2 },
  });

  describe.each(LAYOUT_NAMES)('layout %s', (layout) => {
    const indexPrefix = ownPrefix();
    const spans = createSpanGenerator({ seed: 11, startTimeUnixNano: 1_767_225_600_000_000_000n }).spans(40);
    let store: Storage;
    beforeAll(async () => {
      store = await startForTest(createForTest(url, { indexPrefix, layout, ...ROTATION }));
    });
    afterAll(async () => {
      await store.stop(signal);
      await remove(indexPrefix, layout);
    });

    async function write(some: readonly Span[]): Promise<void> {
      const bytes = encodeTraces(some);
      const batch = { tenant: 'default', encoding: 'otlp_proto', spanCount: some.length, bytes } as const;
      expect(await store.writer.write([batch], context)).toEqual({ accepted: some.length, rejected: [] });
    }

    async function backingIndices(): Promise<string[]> {
      return Object.keys(await call(url, 'GET', `/${streamOf(indexPrefix, layout)}`)).sort();
    }

    test('what comes again after a rollover is stored a second time, and given once', async () => {
      await write(spans);
      const rest = {
        time: { startUnixNano: 0n, endUnixNano: 1n << 62n },
        attributes: [],
        limit: 100,
      } as const;
      const { traceId } = spans[0]!;
      const answers = async () => {
        const trace: Span[] = [];
        for await (const chunk of store.reader.getTrace(traceId, context)) trace.push(...chunk);
        const [serviceName = ''] = await store.reader.getServices(context);
        return {
          trace: trace.sort((a, b) => (a.spanId < b.spanId ? -1 : 1)),
          found: await store.reader.findTraces(rest, context),
          pages: await store.reader.findTraces({ ...rest, limit: 1 }, context).then(({ items }) => items),
          summaries: await store.reader.summariseTraces([traceId], context),
          operations: await store.reader.getOperations(serviceName, context),
          dependencies: await store.dependencies.getDependencies(rest.time, context),
        };
      };
      const once = await answers();
      expect(once.trace).toHaveLength(spans.filter((span) => span.traceId === traceId).length);
      await rollOver(indexPrefix, layout);
      await write(spans);
      expect(await answers()).toEqual(once);
      expect(await call(url, 'GET', `/${streamOf(indexPrefix, layout)}/_count`)).toMatchObject({ count: 80 });
      // Within one backing index a span is stored once.
      await write(spans);
      expect(await call(url, 'GET', `/${streamOf(indexPrefix, layout)}/_count`)).toMatchObject({ count: 80 });
    });

    test('each document has the time that data streams ask for', async () => {
      const [first] = spans.toSorted((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
      const body = { size: 1, sort: [{ '@timestamp': 'asc' }] };
      const found = await call(url, 'POST', `/${streamOf(indexPrefix, layout)}/_search`, body);
      const { hits } = found as { hits: { hits: { sort: number[] }[] } };
      expect(hits.hits[0]!.sort).toEqual([Number(first!.startTimeUnixNano / 1_000_000n)]);
    });

    test('its template can be put by hand', async () => {
      const name = streamOf(indexPrefix, layout);
      const flags = [`--layout=${layout}`, `--index-prefix=${indexPrefix}`, '--shards=1', '--replicas=0', '--json'];
      const type = '--storage.elasticsearch.rotation.type=data_stream';
      const { code, stdout } = await runSpoor(['indices', 'init', url, type, ...flags]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ aliases: [{ base: name, writeAlias: name, readAlias: name }] });
      const { index_templates: templates } = (await call(url, 'GET', `/_index_template/${name}`)) as {
        index_templates: object[];
      };
      expect(templates).toMatchObject([{ index_template: { index_patterns: [name], data_stream: {} } }]);
    });

    test('index care rolls over, and retention takes the first backing indices', async () => {
      const before = await backingIndices();
      const listed = await runSpoor(['indices', 'list', url, `--index-prefix=${indexPrefix}`, '--json']);
      const { indices } = JSON.parse(listed.stdout) as { indices: { name: string }[] };
      expect(indices.map(({ name }) => name)).toEqual(expect.arrayContaining(before));
      const settings = { indexPrefix, layout, ...ROTATION, careInterval: '1s', retention: { maxBytes: 1 } };
      const caring = await startForTest(createForTest(url, settings, { nowMs: Date.now }));
      await expect
        .poll(backingIndices, { timeout: 30_000, interval: 200 })
        .toEqual([expect.not.stringMatching(before.join('|'))]);
      await caring.stop(signal);
      await write(spans.slice(0, 3));
      expect(await call(url, 'GET', `/${streamOf(indexPrefix, layout)}/_count`)).toMatchObject({ count: 3 });
    });
  });
}
