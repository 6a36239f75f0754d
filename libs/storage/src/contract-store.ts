import { afterEach, beforeEach } from 'vitest';
import type { OpenStore, OpenStoreForTest } from './contract.ts';

/** A fresh store for each test of the surrounding `describe`. */
export function freshStore(open: OpenStoreForTest): () => OpenStore {
  let store: OpenStore | undefined;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store?.close();
    store = undefined;
  });
  return () => {
    if (store === undefined) throw new Error('the store is open only while a test runs');
    return store;
  };
}
