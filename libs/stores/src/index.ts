export { type StorageConfig, sharedStorageConfig, storageConfig } from './config.ts';
export { openStorage, type StorageDependencies } from './open-storage.ts';
