import { describe, expect, test } from 'vitest';
import {
  attributesOf,
  BEGINNING,
  eventOf,
  inOrder,
  queryOf,
  resourceOf,
  SECOND,
  spanIdOf,
  spanOf,
  traceIdOf,
} from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';

export function describeTraces(store: CurrentStore, { resolutionNanos: tick, asStored }: StorageTraits): void {
  describe('a trace by its id', () => {
    test('comes back as it was written, every field that is stored', async () => {
      const tenant = new TenantOfTest(store);
      const span = spanOf({
        trace: 0xabcdef,
        span: 0x123,
        parent: 0x122,
        name: 'POST /cart/{id} · наличные',
        kind: 'client',
        traceState: 'vendor=1',
        flags: 257,
        tags: {
          text: 'käse',
          empty: '',
          yes: true,
          whole: -9_007_199_254_740_993n,
          fraction: 0.1,
          infinite: Number.POSITIVE_INFINITY,
          bytes: Uint8Array.of(0, 1, 255),
          nothing: null,
          list: ['a', 1n, [true]],
          map: { entries: attributesOf({ inner: 'x', deep: { entries: attributesOf({ y: 2n }) } }) },
        },
        droppedAttributesCount: 3,
        events: [
          {
            ...eventOf('exception', { 'exception.type': 'Error' }),
            timeUnixNano: BEGINNING + 5n,
            droppedAttributesCount: 1,
          },
        ],
        droppedEventsCount: 4,
        links: [
          {
            traceId: traceIdOf(77),
            spanId: spanIdOf(78),
            traceState: 'a=b',
            attributes: attributesOf({ why: 'batch' }),
            droppedAttributesCount: 2,
            flags: 1,
          },
        ],
        droppedLinksCount: 5,
        status: { code: 'error', message: 'out of stock' },
        resource: {
          ...resourceOf({ 'service.name': 'cart', 'host.name': 'h1' }),
          schemaUrl: 'https://example.com/1',
          droppedAttributesCount: 1,
        },
        scope: {
          name: 'http',
          version: '1.2',
          attributes: attributesOf({ s: 1n }),
          droppedAttributesCount: 1,
          schemaUrl: 'https://example.com/2',
        },
      });
      expect(await tenant.write([span])).toEqual({ accepted: 1, rejected: [] });
      expect(await tenant.trace(span.traceId)).toEqual([asStored(span)]);
    });

    test('is empty when there is none', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([spanOf({ trace: 1, span: 1 })]);
      expect(await tenant.trace(traceIdOf(2))).toEqual([]);
    });

    test('has all its spans, whichever batches and services they came from, whatever lies between them', async () => {
      const tenant = new TenantOfTest(store);
      const parts = [
        [spanOf({ trace: 1, span: 2, parent: 1, service: 'api', start: 2n * SECOND })],
        [spanOf({ trace: 9, span: 9 })],
        [spanOf({ trace: 1, span: 1, service: 'web' }), spanOf({ trace: 8, span: 8 })],
        [spanOf({ trace: 1, span: 3, parent: 1, service: 'db', start: -30n * 24n * 3600n * SECOND })],
      ];
      for (const part of parts) await tenant.write(part);
      const expected = parts.flat().filter((span) => span.traceId === traceIdOf(1));
      expect(inOrder(await tenant.trace(traceIdOf(1)))).toEqual(inOrder(expected.map(asStored)));
    });

    test('is the same whatever time is hinted at', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([spanOf({ trace: 1, span: 1 })]);
      const hint = { startUnixNano: BEGINNING + 1000n * SECOND, endUnixNano: BEGINNING + 2000n * SECOND };
      const spans = [];
      for await (const chunk of store().reader.getTrace(traceIdOf(1), tenant.context, hint)) spans.push(...chunk);
      expect(spans).toHaveLength(1);
    });

    test('keeps a client and a server span that share their id', async () => {
      const tenant = new TenantOfTest(store);
      const client = spanOf({ trace: 1, span: 5, kind: 'client', service: 'web' });
      const server = spanOf({ trace: 1, span: 5, kind: 'server', service: 'api' });
      await tenant.write([client]);
      await tenant.write([server]);
      const kinds = (await tenant.trace(traceIdOf(1))).map((span) => span.kind);
      expect(kinds.sort()).toEqual(['client', 'server']);
    });

    test('is complete beyond 10,000 spans', async () => {
      const tenant = new TenantOfTest(store);
      const spans = Array.from({ length: 12_000 }, (_, i) =>
        spanOf({ trace: 1, span: i + 1, start: BigInt(i) * tick }),
      );
      for (let from = 0; from < spans.length; from += 2_000) await tenant.write(spans.slice(from, from + 2_000));
      const ids = new Set((await tenant.trace(traceIdOf(1))).map((span) => span.spanId));
      expect(ids.size).toBe(spans.length);
    });

    test('takes spans of any time, of no duration, and that end before they start', async () => {
      const tenant = new TenantOfTest(store);
      const spans = [
        spanOf({ trace: 1, span: 1, startTimeUnixNano: 0n, endTimeUnixNano: 0n }),
        spanOf({ trace: 1, span: 2, duration: 0n }),
        spanOf({ trace: 1, span: 3, duration: -5n * tick }),
      ];
      await tenant.write(spans);
      expect(inOrder(await tenant.trace(traceIdOf(1)))).toEqual(inOrder(spans.map(asStored)));
    });
  });

  describe('summaries', () => {
    test('are those of the whole traces, in the order asked for, without the ones that do not exist', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([
        spanOf({ trace: 1, span: 1, service: 'web', name: 'GET /', duration: 10n * SECOND }),
        spanOf({ trace: 2, span: 1, parent: 99, service: 'job', name: 'run' }),
      ]);
      await tenant.write([
        spanOf({ trace: 1, span: 2, parent: 1, service: 'api', start: SECOND, status: { code: 'error', message: '' } }),
      ]);
      const ids = [traceIdOf(2), traceIdOf(3), traceIdOf(1)];
      expect(await store().reader.summariseTraces(ids, tenant.context)).toEqual([
        {
          traceId: traceIdOf(2),
          rootServiceName: 'job',
          rootOperationName: 'run',
          startTimeUnixNano: BEGINNING,
          endTimeUnixNano: BEGINNING + SECOND,
          spanCount: 1,
          errorSpanCount: 0,
          orphanSpanCount: 1,
          services: [{ name: 'job', spanCount: 1, errorSpanCount: 0 }],
        },
        {
          traceId: traceIdOf(1),
          rootServiceName: 'web',
          rootOperationName: 'GET /',
          startTimeUnixNano: BEGINNING,
          endTimeUnixNano: BEGINNING + 10n * SECOND,
          spanCount: 2,
          errorSpanCount: 1,
          orphanSpanCount: 0,
          services: [
            { name: 'api', spanCount: 1, errorSpanCount: 1 },
            { name: 'web', spanCount: 1, errorSpanCount: 0 },
          ],
        },
      ]);
    });

    test('of no traces are none', async () => {
      const tenant = new TenantOfTest(store);
      expect(await store().reader.summariseTraces([], tenant.context)).toEqual([]);
      expect(await tenant.found(queryOf())).toEqual([]);
    });
  });
}
