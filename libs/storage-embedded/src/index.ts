export * from './config.ts';
export type { EmbeddedStorage, EmbeddedStorageDeps } from './embedded-storage.ts';
export { createEmbeddedStorage } from './embedded-storage.ts';
