export { STORE_NAMES, type StorageConfig, type StoreName, storageConfig } from './config.ts';
export { openStorage, type StorageDependencies } from './open-storage.ts';
