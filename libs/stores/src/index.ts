export {
  type SamplingStorageConfig,
  type StorageConfig,
  samplingStorageConfig,
  sharedStorageConfig,
  storageConfig,
} from './config.ts';
export { openStorage, type StorageDependencies } from './open-storage.ts';
