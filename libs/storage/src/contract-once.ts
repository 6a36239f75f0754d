import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import { batchOf, contextOf, EPOCH, readTrace, spanIdOf, spanOf, traceIdOf, write } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';

export function describeOnce(open: OpenStoreForTest): void {
  describe('once', () => {
    const store = freshStore(open);
    const spans = Array.from({ length: 50 }, (_, i) =>
      spanOf({ spanId: spanIdOf(i), startTimeUnixNano: EPOCH + BigInt(i), attributes: { number: BigInt(i) } }),
    );

    test('a batch that comes again is accepted and stored once', async () => {
      await write(store(), spans);
      await write(store(), spans);
      expect(await readTrace(store(), traceIdOf(0))).toEqual(spans);
    });

    test('also in other company, in one call, and at the same time', async () => {
      await Promise.all([
        store().writer.write([batchOf(spans), batchOf([...spans].reverse())], contextOf()),
        store().writer.write([batchOf(spans.slice(10))], contextOf()),
        store().writer.write([batchOf([...spans.slice(0, 5), spanOf({ traceId: traceIdOf(5) })])], contextOf()),
      ]);
      expect(await readTrace(store(), traceIdOf(0))).toEqual(spans);
      expect(await readTrace(store(), traceIdOf(5))).toHaveLength(1);
    });

    test('also after the store was opened again', async () => {
      await write(store(), spans);
      await store().reopen();
      await write(store(), spans);
      expect(await readTrace(store(), traceIdOf(0))).toEqual(spans);
      const [summary] = await store().reader.summariseTraces([traceIdOf(0)], contextOf());
      expect(summary?.spanCount).toBe(spans.length);
    });

    test('spans that share their ids but differ in content are all kept', async () => {
      const variants = [
        spanOf({ name: 'a' }),
        spanOf({ name: 'b' }),
        spanOf({ name: 'c', service: 'another' }),
        spanOf({ name: 'd', scopeAttributes: { library: 'x' } }),
        spanOf({ name: 'd', scopeAttributes: { library: 'y' } }),
      ];
      await write(store(), variants);
      await write(store(), variants);
      expect(await readTrace(store(), traceIdOf(0))).toHaveLength(variants.length);
    });
  });
}
