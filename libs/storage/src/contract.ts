import { afterAll, beforeAll, describe } from 'vitest';
import { describeDependencies } from './contract/dependencies.ts';
import { describeDurability } from './contract/durability.ts';
import { describeModel } from './contract/model.ts';
import { describeNames } from './contract/names.ts';
import { describeOnce } from './contract/once.ts';
import { describePages } from './contract/pages.ts';
import { describeSearch } from './contract/search.ts';
import type { OpenStore } from './contract/store.ts';
import { describeTenants } from './contract/tenants.ts';
import { describeTraces } from './contract/traces.ts';

export type { OpenStore } from './contract/store.ts';

/** What every store must do; nothing is excused. One store serves all tests: they are kept apart by their tenants. */
export function describeStorage(name: string, { open }: { readonly open: () => Promise<OpenStore> }): void {
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
    describeTraces(current);
    describeOnce(current);
    describeSearch(current);
    describePages(current);
    describeNames(current);
    describeTenants(current);
    describeDependencies(current);
    describeModel(current);
    describeDurability(current);
  });
}
