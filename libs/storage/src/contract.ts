import { afterAll, beforeAll, describe } from 'vitest';
import { describeDependencies } from './contract/dependencies.ts';
import { describeDurability } from './contract/durability.ts';
import { describeModel } from './contract/model.ts';
import { describeNames } from './contract/names.ts';
import { describeOnce } from './contract/once.ts';
import { describePages } from './contract/pages.ts';
import { describeSearch } from './contract/search.ts';
import type { StoreUnderTest } from './contract/store.ts';
import { describeTenants } from './contract/tenants.ts';
import { describeTraces } from './contract/traces.ts';

export type { StoreUnderTest } from './contract/store.ts';

export interface StorageContractOptions {
  /** Opens a store. The suite opens one for all its tests; they are kept apart by their tenants. */
  readonly open: () => Promise<StoreUnderTest>;
}

/** What every store must do. Nothing is excused. */
export function describeStorage(name: string, { open }: StorageContractOptions): void {
  describe(`storage: ${name}`, () => {
    let store: StoreUnderTest;
    const current = () => store;
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
