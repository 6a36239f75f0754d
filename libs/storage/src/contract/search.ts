import { describe, expect, test } from 'vitest';
import {
  attributesOf,
  BEGINNING,
  eventOf,
  queryOf,
  resourceOf,
  SECOND,
  type SpanSketch,
  spanOf,
  traceIdOf,
} from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';

export function describeSearch(store: CurrentStore, { resolutionNanos: tick, asStored }: StorageTraits): void {
  async function stored(...sketches: SpanSketch[]): Promise<TenantOfTest> {
    const tenant = new TenantOfTest(store);
    await tenant.write(sketches.map(spanOf));
    return tenant;
  }

  describe('search', () => {
    test('is newest first, by the newest span that matches, then by trace id', async () => {
      const tenant = await stored(
        { trace: 3, span: 1, start: 5n * tick },
        { trace: 1, span: 1, start: 5n * tick },
        { trace: 2, span: 1, start: 1n * tick },
        { trace: 2, span: 2, start: 9n * tick },
        { trace: 4, span: 1, start: 6n * tick },
        { trace: 4, span: 2, start: 100n * tick, service: 'other' },
      );
      const page = await tenant.find(queryOf({ serviceName: 'shop' }));
      expect(page.items).toEqual(
        [
          [2, 9n],
          [4, 6n],
          [1, 5n],
          [3, 5n],
        ].map(([trace, start]) => ({
          traceId: traceIdOf(Number(trace)),
          newestMatchUnixNano: BEGINNING + BigInt(start!) * tick,
        })),
      );
      expect(page.nextPage).toBeUndefined();
      expect(page.incomplete).toBeUndefined();
    });

    test('gives exactly as many traces as the limit says, however many spans match in each', async () => {
      const sketches: SpanSketch[] = [];
      for (let trace = 1; trace <= 30; trace += 1)
        for (let span = 1; span <= 20; span += 1)
          sketches.push({ trace, span, start: BigInt(trace * 100 + span) * tick });
      const tenant = await stored(...sketches);
      expect(await tenant.found(queryOf({ limit: 7 }))).toEqual([30, 29, 28, 27, 26, 25, 24].map(traceIdOf));
      expect(await tenant.found(queryOf({ limit: 30 }))).toHaveLength(30);
      expect(await tenant.found(queryOf({ limit: 31 }))).toHaveLength(30);
    });

    test('by service, operation and kind', async () => {
      const tenant = await stored(
        { trace: 1, span: 1, service: 'web', name: 'GET /' },
        { trace: 2, span: 1, service: 'web', name: 'POST /' },
        { trace: 3, span: 1, service: 'api', name: 'GET /', kind: 'client' },
      );
      expect(await tenant.found(queryOf({ serviceName: 'web' }))).toEqual([1, 2].map(traceIdOf));
      expect(await tenant.found(queryOf({ serviceName: 'web', operationName: 'GET /' }))).toEqual([traceIdOf(1)]);
      expect(await tenant.found(queryOf({ operationName: 'GET /' }))).toEqual([1, 3].map(traceIdOf));
      expect(await tenant.found(queryOf({ spanKind: 'client' }))).toEqual([traceIdOf(3)]);
      expect(await tenant.found(queryOf({ serviceName: 'nobody' }))).toEqual([]);
    });

    test('all conditions hold on one and the same span', async () => {
      const tenant = await stored(
        { trace: 1, span: 1, service: 'web', tags: { a: '1' } },
        { trace: 1, span: 2, service: 'web', tags: { b: '2' } },
        { trace: 2, span: 1, service: 'web', tags: { a: '1', b: '2' } },
        { trace: 3, span: 1, service: 'api', tags: { a: '1', b: '2' } },
      );
      const attributes = [
        { key: 'a', value: '1' },
        { key: 'b', value: '2' },
      ];
      expect(await tenant.found(queryOf({ serviceName: 'web', attributes }))).toEqual([traceIdOf(2)]);
    });

    test('an attribute may stand on the span, the resource, the scope or an event', async () => {
      const resource = resourceOf({ 'service.name': 'shop', where: 'x' });
      const scope = {
        name: '',
        version: '',
        attributes: attributesOf({ where: 'x' }),
        droppedAttributesCount: 0,
        schemaUrl: '',
      };
      const sketches: SpanSketch[] = [
        { trace: 1, span: 1, tags: { where: 'x' } },
        { trace: 2, span: 1, resource },
        { trace: 3, span: 1, scope },
        { trace: 4, span: 1, events: [eventOf('a', {}), eventOf('b', { where: 'x' })] },
        { trace: 5, span: 1, tags: { where: 'y' } },
        { trace: 6, span: 1, tags: { elsewhere: 'x' } },
      ];
      const tenant = await stored(...sketches);
      // Schemas of the peer have no place for a scope's attributes.
      const keepsScopes = asStored(spanOf(sketches[2]!)).scope.attributes.length > 0;
      const expected = (keepsScopes ? [1, 2, 3, 4] : [1, 2, 4]).map(traceIdOf);
      const attributes = [{ key: 'where', value: 'x' }];
      expect(await tenant.found(queryOf({ attributes }))).toEqual(expected);
      const both = [...attributes, { key: 'service.name', value: 'shop' }];
      expect(await tenant.found(queryOf({ attributes: both }))).toEqual(expected);
    });

    test.each([
      ['text', 'GET /käse', 'GET /käse'],
      ['empty text', '', ''],
      ['true', true, 'true'],
      ['false', false, 'false'],
      ['an integer', -9_007_199_254_740_993n, '-9007199254740993'],
      ['a double', 0.5, '0.5'],
      ['a whole double', 500, '500'],
      ['bytes', Uint8Array.of(0, 10, 255), '000aff'],
      ['a list', ['a', 1n, true], '["a",1,true]'],
      ['a map', { entries: attributesOf({ a: 'b' }) }, '{"a":"b"}'],
      ['a long text', 'x'.repeat(5_000), 'x'.repeat(5_000)],
      ['a text of many scripts', '订单 🦊 наличные', '订单 🦊 наличные'],
    ])('an attribute that is %s is found by its text', async (_, value, text) => {
      const tenant = await stored(
        { trace: 1, span: 1, tags: { key: value } },
        { trace: 2, span: 1, tags: { key: 'other' } },
      );
      expect(await tenant.found(queryOf({ attributes: [{ key: 'key', value: text }] }))).toEqual([traceIdOf(1)]);
      const near = text === '' ? ' ' : text.slice(0, -1);
      expect(await tenant.found(queryOf({ attributes: [{ key: 'key', value: near }] }))).toEqual([]);
    });

    test('a key that comes twice is found by each of its values', async () => {
      const attributes = [
        { key: 'k', value: 'one' },
        { key: 'k', value: 'two' },
      ];
      const tenant = await stored({ trace: 1, span: 1, attributes });
      for (const value of ['one', 'two'])
        expect(await tenant.found(queryOf({ attributes: [{ key: 'k', value }] }))).toEqual([traceIdOf(1)]);
    });

    test('error=true and error=false part the spans, whether the status or an attribute says it', async () => {
      const tenant = await stored(
        { trace: 1, span: 1, status: { code: 'error', message: 'no' } },
        { trace: 2, span: 1, tags: { error: true } },
        { trace: 3, span: 1, tags: { error: 'true' } },
        { trace: 4, span: 1, tags: { error: false } },
        { trace: 5, span: 1, status: { code: 'ok', message: '' } },
        { trace: 6, span: 1, tags: { error: 'timeout' } },
      );
      const by = (value: string) => tenant.found(queryOf({ attributes: [{ key: 'error', value }] }));
      expect(await by('true')).toEqual([1, 2, 3].map(traceIdOf));
      expect(await by('false')).toEqual([4, 5, 6].map(traceIdOf));
      expect(await by('timeout')).toEqual([traceIdOf(6)]);
    });

    test('span.kind as an attribute holds for the kind of the span', async () => {
      const tenant = await stored(
        { trace: 1, span: 1, kind: 'server' },
        { trace: 2, span: 1, kind: 'client' },
        { trace: 3, span: 1, kind: 'unspecified', tags: { 'span.kind': 'server' } },
      );
      const attributes = [{ key: 'span.kind', value: 'server' }];
      expect(await tenant.found(queryOf({ attributes }))).toEqual([1, 3].map(traceIdOf));
    });

    test('by duration, to the last digit stored, both ends included', async () => {
      const tenant = await stored(
        { trace: 1, span: 1, duration: 0n },
        { trace: 2, span: 1, duration: 999n * tick },
        { trace: 3, span: 1, duration: 1_000n * tick },
        { trace: 4, span: 1, duration: 1_001n * tick },
        { trace: 5, span: 1, duration: 86_400n * 30n * SECOND },
      );
      const found = (minDurationNanos?: bigint, maxDurationNanos?: bigint) =>
        tenant.found(
          queryOf({
            ...(minDurationNanos === undefined ? {} : { minDurationNanos }),
            ...(maxDurationNanos === undefined ? {} : { maxDurationNanos }),
          }),
        );
      expect(await found(1_000n * tick)).toEqual([3, 4, 5].map(traceIdOf));
      expect(await found(999n * tick + 1n)).toEqual([3, 4, 5].map(traceIdOf));
      expect(await found(undefined, 1_000n * tick)).toEqual([1, 2, 3].map(traceIdOf));
      expect(await found(undefined, 1_001n * tick - 1n)).toEqual([1, 2, 3].map(traceIdOf));
      expect(await found(1_000n * tick, 1_000n * tick)).toEqual([traceIdOf(3)]);
      expect(await found(0n, 0n)).toEqual([traceIdOf(1)]);
    });

    test('duration and attribute together', async () => {
      const tenant = await stored(
        { trace: 1, span: 1, duration: 5n * tick, tags: { a: '1' } },
        { trace: 1, span: 2, duration: 50n * tick, tags: { a: '2' } },
        { trace: 2, span: 1, duration: 50n * tick, tags: { a: '1' } },
      );
      const query = queryOf({ attributes: [{ key: 'a', value: '1' }], minDurationNanos: 10n * tick });
      expect(await tenant.found(query)).toEqual([traceIdOf(2)]);
    });

    test('by start time, to the last digit stored, both ends included', async () => {
      const tenant = await stored(
        ...[0n, 1n, 2n, 3n].map((start, i) => ({
          trace: i + 1,
          span: 1,
          start: start * tick,
          duration: 100n * SECOND,
        })),
      );
      const time = { startUnixNano: BEGINNING + tick, endUnixNano: BEGINNING + 2n * tick };
      expect(await tenant.found(queryOf({ time }))).toEqual([3, 2].map(traceIdOf));
      const between = { startUnixNano: BEGINNING + 1n, endUnixNano: BEGINNING + 3n * tick - 1n };
      expect(await tenant.found(queryOf({ time: between }))).toEqual([3, 2].map(traceIdOf));
      const never = { startUnixNano: BEGINNING + 2n * tick, endUnixNano: BEGINNING + tick };
      expect(await tenant.found(queryOf({ time: never }))).toEqual([]);
    });

    test('names that are missing or empty are found under what stands for them', async () => {
      const tenant = await stored(
        { trace: 1, span: 1, resource: resourceOf({}), name: '' },
        { trace: 2, span: 1, resource: resourceOf({ 'service.name': '' }) },
        { trace: 3, span: 1, resource: resourceOf({ 'service.name': 5n }) },
      );
      const by = (serviceName: string) => tenant.found(queryOf({ serviceName }));
      expect(await by('missing-service-name')).toEqual([traceIdOf(1)]);
      expect(await by('empty-service-name')).toEqual([traceIdOf(2)]);
      expect(await by('service-name-wrong-type')).toEqual([traceIdOf(3)]);
      expect(await tenant.found(queryOf({ operationName: 'empty-span-name' }))).toEqual([traceIdOf(1)]);
    });

    test('spans that arrive late are found in their place', async () => {
      const tenant = await stored({ trace: 1, span: 1, start: 10n * tick });
      await tenant.write([spanOf({ trace: 2, span: 1, start: 20n * tick })]);
      await tenant.write([
        spanOf({ trace: 3, span: 1, start: 5n * tick }),
        spanOf({ trace: 4, span: 1, start: 15n * tick }),
      ]);
      expect(await tenant.found(queryOf())).toEqual([2, 4, 1, 3].map(traceIdOf));
      expect(await tenant.found(queryOf({ limit: 2 }))).toEqual([2, 4].map(traceIdOf));
    });
  });
}
