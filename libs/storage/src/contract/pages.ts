import type { TraceId } from '@spoor/model';
import { describe, expect, test } from 'vitest';
import type { TraceQuery } from '../reader.ts';
import { queryOf, spanOf, traceIdOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';

/** All pages, one after the other; `between` runs after each. */
async function allPages(tenant: TenantOfTest, query: TraceQuery, between?: (pages: number) => Promise<void>) {
  const pages: TraceId[][] = [];
  let next: string | undefined;
  do {
    const page = await tenant.find(next === undefined ? query : { ...query, page: next });
    pages.push(page.items.map((hit) => hit.traceId));
    next = page.nextPage;
    await between?.(pages.length);
  } while (next !== undefined);
  return pages;
}

export function describePages(store: CurrentStore, { resolutionNanos: tick }: StorageTraits): void {
  describe('pages', () => {
    async function storedTraces(count: number): Promise<TenantOfTest> {
      const tenant = new TenantOfTest(store);
      // Two spans a trace, one of them early, and every third start shared: what makes pages skip or repeat.
      const spans = Array.from({ length: count }, (_, i) => i + 1).flatMap((trace) => [
        spanOf({ trace, span: 1, start: BigInt(trace - (trace % 3)) * tick }),
        spanOf({ trace, span: 2, parent: 1, start: (-BigInt(count - trace) - 1n) * tick }),
      ]);
      await tenant.write(spans);
      return tenant;
    }

    test('follow one another without a gap, a repetition or a change of order', async () => {
      const tenant = await storedTraces(23);
      const whole = await tenant.found(queryOf({ limit: 100 }));
      expect(whole).toHaveLength(23);
      for (const limit of [1, 4, 22, 23]) {
        const pages = await allPages(tenant, queryOf({ limit }));
        expect(pages.flat()).toEqual(whole);
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      }
    });

    test('neither skip nor repeat while spans arrive, also for traces that have been shown', async () => {
      const tenant = await storedTraces(12);
      const before = await tenant.found(queryOf({ limit: 100 }));
      const pages = await allPages(tenant, queryOf({ limit: 5 }), async (shown) => {
        await tenant.write([
          spanOf({ trace: 1000 + shown, span: 1, start: (1000n + BigInt(shown)) * tick }),
          spanOf({ trace: 2, span: 100 + shown, start: (2000n + BigInt(shown)) * tick }),
          spanOf({ trace: 12, span: 200 + shown, start: -500n * tick }),
        ]);
      });
      expect(pages.flat()).toEqual(before);
    });

    test('a token of other conditions is refused, and so is one that is none', async () => {
      const tenant = await storedTraces(5);
      const { nextPage } = await tenant.find(queryOf({ limit: 2 }));
      expect(nextPage).toBeDefined();
      const other = queryOf({ limit: 2, serviceName: 'another', page: nextPage! });
      await expect(tenant.find(other)).rejects.toMatchObject({ code: 'SPOOR_INVALID_REQUEST' });
      for (const page of ['', 'x', '{}', 'AAAA', 'ÿÿ']) {
        await expect(tenant.find(queryOf({ limit: 2, page }))).rejects.toMatchObject({ code: 'SPOOR_INVALID_REQUEST' });
      }
    });

    test('the last page has no next one, also when it is full', async () => {
      const tenant = await storedTraces(4);
      const first = await tenant.find(queryOf({ limit: 2 }));
      const second = await tenant.find(queryOf({ limit: 2, page: first.nextPage! }));
      expect(second.items).toHaveLength(2);
      expect(second.nextPage).toBeUndefined();
      expect(new Set([...first.items, ...second.items].map((hit) => hit.traceId))).toEqual(
        new Set([1, 2, 3, 4].map(traceIdOf)),
      );
    });
  });
}
