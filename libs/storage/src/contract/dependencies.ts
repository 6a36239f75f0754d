import { describe, expect, test } from 'vitest';
import { BEGINNING, SECOND, spanOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';

const TIME = { startUnixNano: BEGINNING, endUnixNano: BEGINNING + 100n * SECOND };

export function describeDependencies(store: CurrentStore, { resolutionNanos: tick }: StorageTraits): void {
  describe('dependencies', () => {
    test('each span whose parent is in the trace is a call, within a service too', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([
        spanOf({ trace: 1, span: 1, service: 'web' }),
        spanOf({ trace: 1, span: 2, parent: 1, service: 'api' }),
        spanOf({ trace: 1, span: 3, parent: 1, service: 'api' }),
        spanOf({ trace: 1, span: 4, parent: 2, service: 'api' }),
        spanOf({ trace: 1, span: 5, parent: 99, service: 'lost' }),
        spanOf({ trace: 2, span: 2, parent: 1, service: 'elsewhere' }),
      ]);
      expect(await store().dependencies.getDependencies(TIME, tenant.context)).toEqual([
        { parent: 'api', child: 'api', callCount: 1 },
        { parent: 'web', child: 'api', callCount: 2 },
      ]);
    });

    test('the parent may come later, in another batch, and lie outside the time asked for', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([spanOf({ trace: 1, span: 2, parent: 1, service: 'api', start: SECOND })]);
      await tenant.write([spanOf({ trace: 1, span: 1, service: 'web', start: -10n * SECOND })]);
      expect(await store().dependencies.getDependencies(TIME, tenant.context)).toEqual([
        { parent: 'web', child: 'api', callCount: 1 },
      ]);
    });

    test('only calls that start within the time count, both ends included', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([
        spanOf({ trace: 1, span: 1, service: 'web' }),
        ...[-tick, 0n, 100n * SECOND, 100n * SECOND + tick].map((start, i) =>
          spanOf({ trace: 1, span: i + 2, parent: 1, service: 'api', start }),
        ),
      ]);
      expect(await store().dependencies.getDependencies(TIME, tenant.context)).toEqual([
        { parent: 'web', child: 'api', callCount: 2 },
      ]);
    });

    test('a span that came twice is one call', async () => {
      const tenant = new TenantOfTest(store);
      const spans = [
        spanOf({ trace: 1, span: 1, service: 'web' }),
        spanOf({ trace: 1, span: 2, parent: 1, service: 'api' }),
      ];
      await tenant.write(spans);
      await tenant.write(spans);
      expect(await store().dependencies.getDependencies(TIME, tenant.context)).toEqual([
        { parent: 'web', child: 'api', callCount: 1 },
      ]);
    });
  });
}
