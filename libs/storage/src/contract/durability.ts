import { describe, expect, test } from 'vitest';
import { inOrder, queryOf, spanOf, traceIdOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';

export function describeDurability(store: CurrentStore, { resolutionNanos: tick }: StorageTraits): void {
  describe('opened anew', () => {
    test('it answers as before', async () => {
      const tenant = new TenantOfTest(store);
      const spans = Array.from({ length: 200 }, (_, i) =>
        spanOf({
          trace: (i % 40) + 1,
          span: i + 1,
          start: BigInt(i) * tick,
          service: `s${i % 3}`,
          tags: { n: BigInt(i % 7) },
        }),
      );
      for (let from = 0; from < spans.length; from += 50) await tenant.write(spans.slice(from, from + 50));
      const query = queryOf({ attributes: [{ key: 'n', value: '3' }], limit: 5 });
      const answers = async () => ({
        found: (await tenant.find(query)).items,
        services: await store().reader.getServices(tenant.context),
        operations: await store().reader.getOperations('s1', tenant.context),
        trace: inOrder(await tenant.trace(traceIdOf(7))),
        summaries: await store().reader.summariseTraces([traceIdOf(7)], tenant.context),
      });
      const before = await answers();
      expect(before.found).toHaveLength(5);
      await store().reopen();
      expect(await answers()).toEqual(before);
    });

    test('a page token is good beyond it', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([1, 2, 3].map((trace) => spanOf({ trace, span: 1, start: BigInt(trace) * tick })));
      const first = await tenant.find(queryOf({ limit: 2 }));
      await store().reopen();
      const second = await tenant.find(queryOf({ limit: 2, page: first.nextPage! }));
      expect(second.items.map((hit) => hit.traceId)).toEqual([traceIdOf(1)]);
    });
  });
}
