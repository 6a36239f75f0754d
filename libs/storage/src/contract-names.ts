import { describe, expect, test } from 'vitest';
import type { OpenStoreForTest } from './contract.ts';
import { contextOf, spanIdOf, spanOf, write } from './contract-spans.ts';
import { freshStore } from './contract-store.ts';

export function describeNames(open: OpenStoreForTest): void {
  describe('names', () => {
    const store = freshStore(open);

    test('services and operations are complete, sorted, and there at once', async () => {
      await write(store(), [
        spanOf({ service: 'b', name: 'z', kind: 'server' }),
        spanOf({ service: 'b', name: 'z', kind: 'client', spanId: spanIdOf(1) }),
        spanOf({ service: 'b', name: 'a', kind: 'client', spanId: spanIdOf(2) }),
      ]);
      await write(store(), [spanOf({ service: 'é' }), spanOf({ service: 'B' }), spanOf({ service: '漢' })]);
      expect(await store().reader.getServices(contextOf())).toEqual(['B', 'b', 'é', '漢']);
      expect(await store().reader.getOperations('b', contextOf())).toEqual([
        { name: 'a', spanKind: 'client' },
        { name: 'z', spanKind: 'server' },
        { name: 'z', spanKind: 'client' },
      ]);
      expect(await store().reader.getOperations('b', contextOf(), 'server')).toEqual([
        { name: 'z', spanKind: 'server' },
      ]);
      expect(await store().reader.getOperations('nobody', contextOf())).toEqual([]);
    });

    test('missing names have stand-ins everywhere', async () => {
      const resource = (attributes: { key: string; value: string | bigint }[]) => ({
        resource: { attributes, droppedAttributesCount: 0, schemaUrl: '' },
      });
      const base = spanOf({ name: '' });
      await write(store(), [
        { ...base, ...resource([]) },
        { ...base, ...resource([{ key: 'service.name', value: '' }]) },
        { ...base, ...resource([{ key: 'service.name', value: 5n }]) },
      ]);
      const names = ['empty-service-name', 'missing-service-name', 'service-name-wrong-type'];
      expect(await store().reader.getServices(contextOf())).toEqual(names);
      for (const name of names) {
        expect(await store().reader.getOperations(name, contextOf())).toEqual([
          { name: 'empty-span-name', spanKind: 'internal' },
        ]);
      }
    });

    test('thousands of operations, also after the store was opened again', async () => {
      const count = 3000;
      await write(
        store(),
        Array.from({ length: count }, (_, i) => spanOf({ spanId: spanIdOf(i), name: `operation-${i}` })),
      );
      await store().reopen();
      expect(await store().reader.getOperations('service', contextOf())).toHaveLength(count);
    });
  });
}
