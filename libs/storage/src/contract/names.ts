import { describe, expect, test } from 'vitest';
import { resourceOf, spanOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';

export function describeNames(store: CurrentStore): void {
  describe('services and operations', () => {
    test('are complete, sorted by code point, and there as soon as the write has resolved', async () => {
      const tenant = new TenantOfTest(store);
      expect(await store().reader.getServices(tenant.context)).toEqual([]);
      await tenant.write(['b', 'a', 'ä', 'B', 'z'].map((service, i) => spanOf({ trace: i + 1, span: 1, service })));
      expect(await store().reader.getServices(tenant.context)).toEqual(['B', 'a', 'b', 'z', 'ä']);
      await tenant.write([spanOf({ trace: 9, span: 1, resource: resourceOf({}) })]);
      expect(await store().reader.getServices(tenant.context)).toContain('missing-service-name');
    });

    test('operations have their kinds, sorted by name, then by kind in the order of OTLP’s numbers', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([
        spanOf({ trace: 1, span: 1, name: 'b', kind: 'server' }),
        spanOf({ trace: 1, span: 2, name: 'a', kind: 'server' }),
        spanOf({ trace: 1, span: 3, name: 'a', kind: 'client' }),
        spanOf({ trace: 1, span: 4, name: 'a', kind: 'client' }),
        spanOf({ trace: 1, span: 5, name: '', kind: 'unspecified' }),
        spanOf({ trace: 1, span: 6, name: 'c', service: 'another' }),
      ]);
      const { reader } = store();
      expect(await reader.getOperations('shop', tenant.context)).toEqual([
        { name: 'a', spanKind: 'server' },
        { name: 'a', spanKind: 'client' },
        { name: 'b', spanKind: 'server' },
        { name: 'empty-span-name', spanKind: 'unspecified' },
      ]);
      expect(await reader.getOperations('shop', tenant.context, 'server')).toEqual([
        { name: 'a', spanKind: 'server' },
        { name: 'b', spanKind: 'server' },
      ]);
      expect(await reader.getOperations('nobody', tenant.context)).toEqual([]);
    });

    test('are complete beyond 10,000', async () => {
      const tenant = new TenantOfTest(store);
      for (let from = 0; from < 10_500; from += 1_500) {
        const numbers = Array.from({ length: 1_500 }, (_, i) => from + i);
        await tenant.write(numbers.map((i) => spanOf({ trace: i + 1, span: 1, name: `op ${i}`, service: `s ${i}` })));
        await tenant.write(numbers.map((i) => spanOf({ trace: i + 1, span: 2, name: `op ${i}` })));
      }
      expect(await store().reader.getServices(tenant.context)).toHaveLength(10_501);
      expect(await store().reader.getOperations('shop', tenant.context)).toHaveLength(10_500);
    });
  });
}
