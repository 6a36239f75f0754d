import { afterAll, beforeAll, describe } from 'vitest';
import { describeComparisons } from './contract/comparisons.ts';
import { describeDependencies } from './contract/dependencies.ts';
import { describeDurability } from './contract/durability.ts';
import { describeMetrics } from './contract/metrics.ts';
import { describeModel } from './contract/model.ts';
import { describeNames } from './contract/names.ts';
import { describeOnce } from './contract/once.ts';
import { describePages } from './contract/pages.ts';
import { describeSearch } from './contract/search.ts';
import type { OpenStore } from './contract/store.ts';
import { describeTenants } from './contract/tenants.ts';
import { describeTraces } from './contract/traces.ts';
import type { StorageTraits } from './contract/traits.ts';
import { EXACT } from './contract/traits.ts';

export { evaluate } from './contract/evaluate.ts';
export { reopening } from './contract/reopening.ts';
export type { OpenStore } from './contract/store.ts';
export type { StorageTraits } from './contract/traits.ts';

/**
 * What every store must do; nothing is excused. One store serves all tests: they are kept apart by their tenants.
 * `traits` say what the store's schema can hold, by default everything.
 */
export function describeStorage(
  name: string,
  { open, traits: own = {} }: { readonly open: () => Promise<OpenStore>; readonly traits?: Partial<StorageTraits> },
): void {
  const traits: StorageTraits = { ...EXACT, ...own };
  describe(`storage: ${name}`, () => {
    let store: OpenStore | undefined;
    const current = (): OpenStore => {
      if (store === undefined) throw new Error('the store is open only while the tests run');
      return store;
    };
    beforeAll(async () => {
      store = await open();
    });
    afterAll(async () => {
      await store?.close();
    });
    describeTraces(current, traits);
    describeOnce(current, traits);
    describeSearch(current, traits);
    describeComparisons(current, traits);
    describePages(current, traits);
    describeNames(current);
    describeTenants(current);
    describeDependencies(current, traits);
    describeMetrics(current, traits);
    describeModel(current, traits);
    describeDurability(current, traits);
  });
}
