export { type CassandraStorage, type CassandraStorageDeps, createCassandraStorage } from './cassandra-storage.ts';
export {
  type CassandraStorageConfig,
  CONSISTENCY_LEVELS,
  type ConsistencyLevel,
  type SchemaConfig,
  type TagIndexConfig,
} from './config.ts';
export {
  type CassandraDependencyJob,
  type ComputedDay,
  cassandraDependencyJob,
} from './dependencies/dependency-job.ts';
export { type CassandraSchema, cassandraSchema } from './schema-admin.ts';
export type { SchemaDifference } from './schema-verify.ts';
export { type CassandraSettings, cassandraConfig, cassandraSettings } from './settings.ts';
export { asStoredInCassandra } from './stored-span.ts';
