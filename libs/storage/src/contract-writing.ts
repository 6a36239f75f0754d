import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import { batchOf, contextOf, EPOCH, readTrace, spanIdOf, spanOf, traceIdOf, write } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';

export function describeWriting(open: OpenStoreForTest): void {
  describe('writing', () => {
    const store = freshStore(open);

    test('a span comes back as it was written', async () => {
      const span = spanOf({
        name: 'GET /кошик',
        kind: 'server',
        traceState: 'a=b',
        flags: 0x101,
        parentSpanId: spanIdOf(7),
        status: { code: 'error', message: 'no' },
        attributes: {
          text: 'ü',
          flag: true,
          whole: -(2n ** 63n),
          half: 0.5,
          bytes: new Uint8Array([0, 255]),
          none: null,
          list: ['a', 1n, [true]],
          map: { entries: [{ key: '__proto__', value: 'x' }] },
          long: 'x'.repeat(100_000),
        },
        eventAttributes: { 'exception.message': 'boom' },
        links: [
          {
            traceId: traceIdOf(9),
            spanId: spanIdOf(9),
            traceState: '',
            attributes: [],
            droppedAttributesCount: 0,
            flags: 0,
          },
        ],
        scopeAttributes: { scoped: 'yes' },
      });
      await write(store(), [span]);
      expect(await readTrace(store(), span.traceId)).toEqual([span]);
    });

    test('what was written is there after the store was opened again', async () => {
      const spans = Array.from({ length: 300 }, (_, i) => spanOf({ traceId: traceIdOf(i % 7), spanId: spanIdOf(i) }));
      await write(store(), spans);
      await store().reopen();
      for (let trace = 0; trace < 7; trace += 1) {
        const expected = spans.filter((span) => span.traceId === traceIdOf(trace));
        expect(await readTrace(store(), traceIdOf(trace))).toEqual(expected);
      }
    });

    test('one call may bring batches of several resources, and calls may overlap', async () => {
      const calls = Array.from({ length: 20 }, (_, call) =>
        store().writer.write(
          [0, 1, 2].map((batch) =>
            batchOf([spanOf({ spanId: spanIdOf(call * 3 + batch), service: `service-${call}-${batch}` })]),
          ),
          contextOf(),
        ),
      );
      for (const outcome of await Promise.all(calls)) expect(outcome).toEqual({ accepted: 3, rejected: [] });
      const spans = await readTrace(store(), traceIdOf(0));
      expect(new Set(spans.map((span) => span.resource.attributes[0]?.value)).size).toBe(60);
    });

    test('a trace may have more spans than any batch, and comes in chunks of at most a few thousand', async () => {
      const count = 12_345;
      for (let from = 0; from < count; from += 1000) {
        const size = Math.min(1000, count - from);
        await write(
          store(),
          Array.from({ length: size }, (_, i) =>
            spanOf({ spanId: spanIdOf(from + i), startTimeUnixNano: EPOCH + BigInt(from + i) }),
          ),
        );
      }
      const seen = new Set<string>();
      for await (const chunk of store().reader.getTrace(traceIdOf(0), contextOf())) {
        expect(chunk.length).toBeLessThanOrEqual(5000);
        for (const { spanId } of chunk) seen.add(spanId);
      }
      expect(seen.size).toBe(count);
      const [summary] = await store().reader.summariseTraces([traceIdOf(0)], contextOf());
      expect(summary?.spanCount).toBe(count);
    });

    test('a trace that does not exist has no chunk and no summary', async () => {
      await write(store(), [spanOf()]);
      expect(await readTrace(store(), traceIdOf(1))).toEqual([]);
      const summaries = await store().reader.summariseTraces([traceIdOf(1), traceIdOf(0)], contextOf());
      expect(summaries.map(({ traceId }) => traceId)).toEqual([traceIdOf(0)]);
    });

    test('a hint of the wrong time does not change the answer', async () => {
      await write(store(), [spanOf()]);
      const chunks = store().reader.getTrace(traceIdOf(0), contextOf(), { startUnixNano: 1n, endUnixNano: 2n });
      const spans = [];
      for await (const chunk of chunks) spans.push(...chunk);
      expect(spans).toHaveLength(1);
    });
  });
}
