import { encodeTraces } from '@spoor/otlp';
import { describe, expect, test } from 'vitest';
import { queryOf, resourceOf, spanOf, traceIdOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';
import { distinctAsStored } from './traits.ts';

export function describeOnce(store: CurrentStore, traits: StorageTraits): void {
  describe('once', () => {
    test('a batch that comes again is stored once, and counts as accepted each time', async () => {
      const tenant = new TenantOfTest(store);
      const spans = [spanOf({ trace: 1, span: 1 }), spanOf({ trace: 1, span: 2, parent: 1 })];
      for (let i = 0; i < 3; i += 1) expect(await tenant.write(spans)).toEqual({ accepted: 2, rejected: [] });
      expect(await tenant.trace(traceIdOf(1))).toHaveLength(2);
      const [summary] = await store().reader.summariseTraces([traceIdOf(1)], tenant.context);
      expect(summary?.spanCount).toBe(2);
    });

    test('a span that comes again among others is stored once', async () => {
      const tenant = new TenantOfTest(store);
      const twice = spanOf({ trace: 1, span: 1 });
      await tenant.write([twice, spanOf({ trace: 1, span: 2 })]);
      await tenant.write([spanOf({ trace: 1, span: 3 }), twice, twice]);
      expect((await tenant.trace(traceIdOf(1))).map((span) => span.spanId).sort()).toHaveLength(3);
    });

    test('concurrent writes of the same batch store it once', async () => {
      const tenant = new TenantOfTest(store);
      const spans = [spanOf({ trace: 1, span: 1 })];
      await Promise.all(Array.from({ length: 8 }, () => tenant.write(spans)));
      expect(await tenant.trace(traceIdOf(1))).toHaveLength(1);
    });

    test('spans that differ in anything that is stored are not the same', async () => {
      const tenant = new TenantOfTest(store);
      const first = spanOf({ trace: 1, span: 1, tags: { attempt: 1n } });
      const others = [
        { ...first, attributes: [{ key: 'attempt', value: 2n }] },
        { ...first, name: 'another' },
        { ...first, resource: resourceOf({ 'service.name': 'shop', 'host.name': 'h2' }) },
        { ...first, scope: { ...first.scope, name: 'lib' } },
        { ...first, resource: { ...first.resource, schemaUrl: 'https://example.com/1' } },
      ];
      await tenant.write([first, ...others]);
      const expected = distinctAsStored([first, ...others], traits);
      expect(await tenant.trace(traceIdOf(1))).toHaveLength(expected.length);
    });

    test('the bytes stay the caller’s, unchanged, so that it can write them again', async () => {
      const tenant = new TenantOfTest(store);
      const encoded = encodeTraces([spanOf({ trace: 1, span: 1 })]);
      // As they come from a socket: a view of a larger piece of memory that others use as well.
      const received = Buffer.concat([Buffer.from('before'), encoded, Buffer.from('after')]);
      const bytes = received.subarray(6, 6 + encoded.length);
      const batch = { tenant: tenant.context.tenant, encoding: 'otlp_proto' as const, spanCount: 1, bytes };
      for (let i = 0; i < 2; i += 1) {
        await store().writer.write([batch], tenant.context);
        expect(new Uint8Array(bytes)).toEqual(encoded);
      }
      expect(received.toString('latin1', 6 + encoded.length)).toBe('after');
      expect(await tenant.trace(traceIdOf(1))).toHaveLength(1);
    });

    test('it stays so when the store is opened anew', async () => {
      const tenant = new TenantOfTest(store);
      const spans = [spanOf({ trace: 1, span: 1 })];
      await tenant.write(spans);
      await store().reopen();
      await tenant.write(spans);
      expect(await tenant.trace(traceIdOf(1))).toHaveLength(1);
      expect(await tenant.found(queryOf())).toEqual([traceIdOf(1)]);
    });
  });
}
