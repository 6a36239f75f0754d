export { type CassandraStorageDeps, createCassandraStorage } from './cassandra-storage.ts';
export {
  type CassandraStorageConfig,
  CONSISTENCY_LEVELS,
  type ConsistencyLevel,
  DEFAULT_CASSANDRA_STORAGE_CONFIG,
  type SchemaConfig,
  type TagIndexConfig,
} from './config.ts';
export { asStoredInCassandra } from './stored-span.ts';
