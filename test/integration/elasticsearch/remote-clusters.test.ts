import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { Storage, TraceQuery } from '@spoor/storage';
import { LAYOUT_NAMES, type LayoutName } from '@spoor/storage-elasticsearch';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_SPAN } from '../../fixtures/plain-span.ts';
import { freePorts } from '../../harness/free-ports.ts';
import { foundOrSkipped, waitFor } from '../../harness/index.ts';
import { type JavaSearchServer, startElasticsearchInJava } from '../../harness/search-server-java.ts';
import { call, createForTest, startForTest } from './open-search-store.ts';

// In processes of this machine, so that one cluster reaches the other by its transport port, wherever Docker is.
const [transportPort = 0] = await freePorts(1);
const OUTSIDE = await Promise.all([
  startElasticsearchInJava(),
  startElasticsearchInJava({ settings: { 'transport.port': String(transportPort), 'cluster.name': 'far' } }),
]);

const BEGINNING = 1_767_225_600_000_000_000n;
const HOUR = 3_600_000_000_000n;
const { signal } = new AbortController();
const context = { tenant: 'default', signal };
const TIME = { startUnixNano: BEGINNING, endUnixNano: BEGINNING + HOUR };
const traceIdOf = (number: number) => number.toString(16).padStart(32, '0');

function spanOf(trace: number, span: number, service: string, parent?: number): Span {
  const start = BEGINNING + BigInt(trace * 1_000_000 + span * 1_000);
  const idOf = (number: number) => number.toString(16).padStart(16, '0');
  return {
    ...PLAIN_SPAN,
    traceId: traceIdOf(trace),
    spanId: idOf(span),
    parentSpanId: parent === undefined ? '' : idOf(parent),
    name: `GET /${span}`,
    startTimeUnixNano: start,
    endTimeUnixNano: start + 1_000_000n,
    resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0, schemaUrl: '' },
  };
}

test('there is Elasticsearch twice', (context) => {
  for (const outside of OUTSIDE) foundOrSkipped<JavaSearchServer>(outside, (note) => context.skip(note));
});

describe.skipIf(OUTSIDE.some((outside) => 'missing' in outside))('a remote cluster', () => {
  const [near, far] = OUTSIDE.map((outside) => ('found' in outside ? outside.found : undefined)) as [
    JavaSearchServer,
    JavaSearchServer,
  ];
  const stores: Storage[] = [];

  beforeAll(async () => {
    await connect({ skipsUnavailable: true });
  });
  afterAll(async () => {
    for (const store of stores) await store.stop(signal);
    await Promise.all([near.stop(), far.stop()]);
  });

  async function connect({ skipsUnavailable }: { readonly skipsUnavailable: boolean }): Promise<void> {
    const remote = { seeds: [`127.0.0.1:${transportPort}`], skip_unavailable: skipsUnavailable };
    await call(near.url, 'PUT', '/_cluster/settings', { persistent: { 'cluster.remote.far': remote } });
  }

  async function open({ url }: JavaSearchServer, layout: LayoutName, remoteClusters: string[] = []): Promise<Storage> {
    const settings = { layout, remoteClusters, indexPrefix: 'remote', timeout: '10s' };
    const store = await startForTest(createForTest(url, settings));
    stores.push(store);
    return store;
  }

  async function write(store: Storage, spans: readonly Span[]): Promise<void> {
    const batch = { tenant: 'default', encoding: 'otlp_proto', spanCount: spans.length } as const;
    const bytes = encodeTraces(spans);
    expect(await store.writer.write([{ ...batch, bytes }], context)).toMatchObject({ accepted: spans.length });
  }

  const queryOf = (conditions: Partial<TraceQuery> = {}): TraceQuery => ({
    attributes: [],
    time: TIME,
    limit: 20,
    ...conditions,
  });

  async function tracesOf(store: Storage, limit: number): Promise<string[]> {
    const found: string[] = [];
    let page: string | undefined;
    do {
      const answer = await store.reader.findTraces(
        queryOf({ limit, ...(page === undefined ? {} : { page }) }),
        context,
      );
      expect(answer.incomplete).toBeUndefined();
      found.push(...answer.items.map(({ traceId }) => traceId));
      page = answer.nextPage;
    } while (page !== undefined);
    return found;
  }

  async function spansOf(store: Storage, trace: number): Promise<string[]> {
    const names: string[] = [];
    for await (const chunk of store.reader.getTrace(traceIdOf(trace), context))
      names.push(...chunk.map(({ name }) => name));
    return names.sort();
  }

  const opened = new Map<LayoutName, { readonly both: Storage; readonly here: Storage; readonly there: Storage }>();
  async function storesOf(layout: LayoutName) {
    const known = opened.get(layout);
    if (known !== undefined) return known;
    const [here, there] = [await open(near, layout), await open(far, layout)];
    // Of thirty traces a third is here, a third there, and a third has spans in either, one of them in both.
    const traces = Array.from({ length: 30 }, (_, i) => i + 1);
    const root = (trace: number) => spanOf(trace, 1, 'web');
    const child = (trace: number) => spanOf(trace, 2, 'cart', 1);
    await write(here, traces.filter((trace) => trace % 3 !== 1).map(root));
    await write(there, [
      ...traces.filter((trace) => trace % 3 === 1).map(root),
      ...traces.filter((trace) => trace % 3 === 2).flatMap((trace) => [root(trace), child(trace)]),
    ]);
    const stores = { here, there, both: await open(near, layout, ['far']) };
    opened.set(layout, stores);
    return stores;
  }

  describe.each(LAYOUT_NAMES)('layout %s', (layout) => {
    test.each([1, 7, 30])('pages of %i have the traces of both, each once', async (limit) => {
      const { both } = await storesOf(layout);
      expect(await tracesOf(both, limit)).toEqual(Array.from({ length: 30 }, (_, i) => traceIdOf(30 - i)));
    });

    test('a trace, its names and its calls are those of both', async () => {
      const { both, here } = await storesOf(layout);
      expect(await spansOf(here, 2)).toEqual(['GET /1']);
      expect(await spansOf(both, 2)).toEqual(['GET /1', 'GET /2']);
      expect(await spansOf(both, 4)).toEqual(['GET /1']);
      expect(await here.reader.getServices(context)).toEqual(['web']);
      expect(await both.reader.getServices(context)).toEqual(['cart', 'web']);
      expect(await both.reader.getOperations('cart', context)).toEqual([{ name: 'GET /2', spanKind: 'server' }]);
      expect(await both.dependencies.getDependencies(TIME, context)).toEqual([
        { parent: 'web', child: 'cart', callCount: 10 },
      ]);
    });
  });

  test('that cannot be reached makes searches incomplete, and what must be whole an error', async () => {
    const { both, here } = await storesOf('spoor');
    const started = await both.reader.findTraces(queryOf({ limit: 5 }), context);
    const local = await tracesOf(here, 30);
    await far.kill();
    const unavailable = { code: 'SPOOR_STORAGE_UNAVAILABLE' };
    const missing = async () => {
      const whole = await both.reader.findTraces(queryOf({ limit: 30 }), context);
      expect(whole.items.map(({ traceId }) => traceId)).toEqual(local);
      expect(whole.incomplete).toEqual(expect.any(String));
    };
    await missing();
    // A page that was begun before, and one that is begun now.
    const later = await both.reader.findTraces(queryOf({ limit: 5, page: started.nextPage! }), context);
    expect(later.incomplete).toEqual(expect.any(String));
    const first = await both.reader.findTraces(queryOf({ limit: 5 }), context);
    expect(first.incomplete).toEqual(expect.any(String));
    const next = await both.reader.findTraces(queryOf({ limit: 5, page: first.nextPage! }), context);
    expect(next.incomplete).toEqual(expect.any(String));
    await expect(spansOf(both, 2)).rejects.toMatchObject(unavailable);
    await expect(both.reader.getServices(context)).rejects.toMatchObject(unavailable);
    await expect(both.dependencies.getDependencies(TIME, context)).rejects.toMatchObject(unavailable);

    // Told not to skip it, the servers refuse instead.
    await connect({ skipsUnavailable: false });
    await waitFor(
      () =>
        both.reader.findTraces(queryOf(), context).then(
          () => false,
          () => true,
        ),
      { describe: 'a refused search', deadlineMs: 20_000 },
    );
    await expect(both.reader.findTraces(queryOf(), context)).rejects.toMatchObject(unavailable);
    await far.revive();
    await connect({ skipsUnavailable: true });
    await expect
      .poll(() => both.reader.findTraces(queryOf({ limit: 30 }), context).catch(() => undefined), { timeout: 60_000 })
      .toMatchObject({ items: { length: 30 } });
    expect(await tracesOf(both, 7)).toHaveLength(30);
  });
});
