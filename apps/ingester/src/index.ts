export { checkedWriter } from './checked-writer.ts';
export { type IngesterConfig, ingesterConfig } from './config.ts';
export { createIngester, type Ingester, type IngesterDependencies } from './ingester.ts';
export { createStoreWriter, type StoreWriterDependencies } from './store-writer.ts';
