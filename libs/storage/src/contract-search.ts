import type { AttributeValue } from '@spoor/model';
import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import type { SpanOptions } from './contract-spans.ts';
import { contextOf, EPOCH, find, queryOf, spanIdOf, spanOf, traceIdOf, write } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';
import type { TraceQuery } from './reader.ts';

export function describeSearch(open: OpenStoreForTest): void {
  describe('search', () => {
    const store = freshStore(open);

    test('newest first, by the newest matching span; ties by trace id', async () => {
      await write(store(), [
        spanOf({ traceId: traceIdOf(3), startTimeUnixNano: EPOCH + 5n }),
        spanOf({ traceId: traceIdOf(1), startTimeUnixNano: EPOCH + 5n }),
        spanOf({ traceId: traceIdOf(2), startTimeUnixNano: EPOCH + 9n }),
        spanOf({ traceId: traceIdOf(4), startTimeUnixNano: EPOCH }),
        spanOf({ traceId: traceIdOf(4), spanId: spanIdOf(1), startTimeUnixNano: EPOCH + 100n, name: 'other' }),
      ]);
      expect(await find(store(), { operationName: 'operation' })).toEqual([2, 1, 3, 4].map(traceIdOf));
      const page = await store().reader.findTraces(queryOf({ limit: 2 }), contextOf());
      expect(page.items).toEqual([
        { traceId: traceIdOf(4), newestMatchUnixNano: EPOCH + 100n },
        { traceId: traceIdOf(2), newestMatchUnixNano: EPOCH + 9n },
      ]);
    });

    test('a limit counts traces, however many spans match in each', async () => {
      for (let trace = 0; trace < 30; trace += 1) {
        const spans = Array.from({ length: 20 }, (_, i) =>
          spanOf({
            traceId: traceIdOf(trace),
            spanId: spanIdOf(i),
            startTimeUnixNano: EPOCH + BigInt(trace * 10 + i * 7),
          }),
        );
        await write(store(), spans);
      }
      const newest = Array.from({ length: 17 }, (_, i) => traceIdOf(29 - i));
      expect(await find(store(), { limit: 17, serviceName: 'service' })).toEqual(newest);
    });

    test('all conditions hold on one and the same span', async () => {
      await write(store(), [
        spanOf({ attributes: { colour: 'red' }, name: 'a' }),
        spanOf({ spanId: spanIdOf(1), attributes: { size: 'big' }, name: 'b' }),
        spanOf({ traceId: traceIdOf(1), attributes: { colour: 'red', size: 'big' }, name: 'a' }),
      ]);
      const red = { key: 'colour', value: 'red' };
      expect(await find(store(), { attributes: [red, { key: 'size', value: 'big' }] })).toEqual([traceIdOf(1)]);
      expect(await find(store(), { attributes: [red], operationName: 'b' })).toEqual([]);
      expect(await find(store(), { attributes: [red] })).toEqual([traceIdOf(0), traceIdOf(1)]);
    });

    test('attributes of span, resource, scope and events are found by their text', async () => {
      const values: [AttributeValue, string][] = [
        ['text', 'text'],
        ['', ''],
        ['Ω≈ç√ 漢字 🚀', 'Ω≈ç√ 漢字 🚀'],
        ['y'.repeat(1000), 'y'.repeat(1000)],
        [true, 'true'],
        [false, 'false'],
        [0n, '0'],
        [300n, '300'],
        [-1n, '-1'],
        [2n ** 62n, '4611686018427387904'],
        [1.5, '1.5'],
        [1e21, '1e+21'],
        [new Uint8Array([1, 171]), '01ab'],
        [['a', 2n], '["a",2]'],
        [{ entries: [{ key: 'k', value: 'v' }] }, '{"k":"v"}'],
      ];
      const places: ((value: AttributeValue) => SpanOptions)[] = [
        (key) => ({ attributes: { key } }),
        (key) => ({ resourceAttributes: { key } }),
        (key) => ({ scopeAttributes: { key } }),
        (key) => ({ eventAttributes: { key } }),
      ];
      const spans = values.flatMap(([value], i) =>
        places.map((place, at) => spanOf({ ...place(value), traceId: traceIdOf(i * 4 + at) })),
      );
      await write(store(), spans);
      for (const [i, [, text]] of values.entries()) {
        const expected = [0, 1, 2, 3].map((at) => traceIdOf(i * 4 + at));
        expect(await find(store(), { attributes: [{ key: 'key', value: text }] }), text.slice(0, 40)).toEqual(expected);
      }
      expect(await find(store(), { attributes: [{ key: 'key', value: 'tex' }] })).toEqual([]);
      expect(await find(store(), { attributes: [{ key: 'ke', value: 'ytext' }] })).toEqual([]);
    });

    test('error and span.kind are conditions on what the span is', async () => {
      await write(store(), [
        spanOf({ traceId: traceIdOf(0), status: { code: 'error', message: '' } }),
        spanOf({ traceId: traceIdOf(1), attributes: { error: true }, kind: 'server' }),
        spanOf({ traceId: traceIdOf(2), attributes: { error: 'true' }, status: { code: 'ok', message: '' } }),
        spanOf({ traceId: traceIdOf(3), attributes: { error: false } }),
        spanOf({ traceId: traceIdOf(4), attributes: { error: 'timeout', 'span.kind': 'server' } }),
      ]);
      const traces = (...numbers: number[]) => numbers.map(traceIdOf);
      expect(await find(store(), { attributes: [{ key: 'error', value: 'true' }] })).toEqual(traces(0, 1, 2));
      expect(await find(store(), { attributes: [{ key: 'error', value: 'false' }] })).toEqual(traces(3, 4));
      expect(await find(store(), { attributes: [{ key: 'error', value: 'timeout' }] })).toEqual(traces(4));
      expect(await find(store(), { attributes: [{ key: 'span.kind', value: 'server' }] })).toEqual(traces(1, 4));
      expect(await find(store(), { spanKind: 'server' })).toEqual(traces(1));
    });

    test('durations and times are inclusive to the nanosecond', async () => {
      const lasting = (trace: number, nanos: bigint) =>
        spanOf({ traceId: traceIdOf(trace), endTimeUnixNano: EPOCH + nanos });
      await write(store(), [
        lasting(0, 0n),
        lasting(1, 999n),
        lasting(2, 1000n),
        lasting(3, 1001n),
        lasting(4, 2n ** 60n),
      ]);
      const cases: [Partial<TraceQuery>, number[]][] = [
        [{ minDurationNanos: 1000n }, [2, 3, 4]],
        [{ maxDurationNanos: 1000n }, [0, 1, 2]],
        [{ minDurationNanos: 999n, maxDurationNanos: 1000n }, [1, 2]],
        [{ maxDurationNanos: 0n }, [0]],
        [{ minDurationNanos: 2n ** 60n }, [4]],
        [{ minDurationNanos: 2n ** 60n + 1n }, []],
        [{ time: { startUnixNano: EPOCH, endUnixNano: EPOCH } }, [0, 1, 2, 3, 4]],
        [{ time: { startUnixNano: EPOCH + 1n, endUnixNano: EPOCH + 9n } }, []],
        [{ time: { startUnixNano: EPOCH - 9n, endUnixNano: EPOCH - 1n } }, []],
      ];
      for (const [query, expected] of cases) expect(await find(store(), query)).toEqual(expected.map(traceIdOf));
    });
  });
}
