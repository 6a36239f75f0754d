import { describe, expect, test } from 'vitest';
import { BEGINNING, queryOf, SECOND, spanOf, traceIdOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';

export function describeTenants(store: CurrentStore): void {
  describe('tenants', () => {
    test('never see one another, also where they share a trace id and every name', async () => {
      const acme = new TenantOfTest(store);
      const globex = new TenantOfTest(store);
      const shared = spanOf({ trace: 1, span: 1 });
      await acme.write([shared, spanOf({ trace: 1, span: 2, parent: 1, service: 'acme', name: 'a' })]);
      await globex.write([shared, spanOf({ trace: 2, span: 2, service: 'globex', name: 'g' })]);

      expect(await acme.trace(traceIdOf(1))).toHaveLength(2);
      expect(await globex.trace(traceIdOf(1))).toHaveLength(1);
      expect(await acme.trace(traceIdOf(2))).toEqual([]);
      expect(await acme.found(queryOf())).toEqual([traceIdOf(1)]);
      expect(await globex.found(queryOf())).toEqual([1, 2].map(traceIdOf));
      expect(await globex.found(queryOf({ serviceName: 'acme' }))).toEqual([]);
      const { reader, dependencies } = store();
      expect(await reader.getServices(acme.context)).toEqual(['acme', 'shop']);
      expect(await reader.getServices(globex.context)).toEqual(['globex', 'shop']);
      expect(await reader.getOperations('acme', globex.context)).toEqual([]);
      const summaries = await reader.summariseTraces([traceIdOf(1), traceIdOf(2)], globex.context);
      expect(summaries.map((summary) => summary.spanCount)).toEqual([1, 1]);
      const time = { startUnixNano: BEGINNING, endUnixNano: BEGINNING + SECOND };
      expect(await dependencies.getDependencies(time, globex.context)).toEqual([]);
      expect(await dependencies.getDependencies(time, acme.context)).toEqual([
        { parent: 'shop', child: 'acme', callCount: 1 },
      ]);
    });

    test('may be written in one call', async () => {
      const acme = new TenantOfTest(store);
      const globex = new TenantOfTest(store);
      await Promise.all([acme.write([spanOf({ trace: 1, span: 1 })]), globex.write([spanOf({ trace: 2, span: 1 })])]);
      expect(await acme.found(queryOf())).toEqual([traceIdOf(1)]);
      expect(await globex.found(queryOf())).toEqual([traceIdOf(2)]);
    });

    test('the page of one tenant is no page of another', async () => {
      const acme = new TenantOfTest(store);
      const globex = new TenantOfTest(store);
      for (const tenant of [acme, globex]) await tenant.write([1, 2, 3].map((trace) => spanOf({ trace, span: 1 })));
      const { nextPage } = await acme.find(queryOf({ limit: 1 }));
      await expect(globex.find(queryOf({ limit: 1, page: nextPage! }))).rejects.toMatchObject({
        code: 'SPOOR_INVALID_REQUEST',
      });
    });
  });
}
