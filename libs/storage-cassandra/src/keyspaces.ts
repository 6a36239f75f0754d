import type { CassandraStorageConfig, SchemaConfig } from './config.ts';

/** The keyspaces that the settings speak of, each with its schema. What is archived is kept for ever. */
export function keyspacesOf(
  config: CassandraStorageConfig,
): readonly { readonly keyspace: string; readonly schema: SchemaConfig }[] {
  const { keyspace, schema, archive } = config;
  const own = { keyspace, schema };
  return archive === undefined ? [own] : [own, { keyspace: archive.keyspace, schema: { ...schema, traceTtlMs: 0 } }];
}
