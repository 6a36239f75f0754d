import { SpoorError } from '@spoor/model';
import type cassandra from 'cassandra-driver';
import type { CassandraStorageConfig } from './config.ts';
import { keyspacesOf } from './keyspaces.ts';

/** Without these no span can be stored or found. What other tables are for says by itself that they are missing. */
const SPAN_TABLES = [
  'traces',
  'service_names',
  'operation_names_v2',
  'service_operation_index',
  'service_name_index',
  'duration_index',
  'tag_index',
];
const ARCHIVE_TABLES = ['traces'];

const REMEDY =
  'create what is missing with `spoor schema apply --storage cassandra`, or let ingesters do it with storage.cassandra.schema.create';

/** Throws `SPOOR_STORAGE_UNAVAILABLE` that says what is missing and what to do, where spans have no place to be. */
export async function requireTables(client: cassandra.Client, config: CassandraStorageConfig): Promise<void> {
  for (const { keyspace } of keyspacesOf(config)) {
    const present = await presentNames(client, keyspace);
    if (!present.has(''))
      throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', `there is no keyspace ${keyspace}: ${REMEDY}`);
    const wanted = keyspace === config.keyspace ? SPAN_TABLES : ARCHIVE_TABLES;
    const missing = wanted.filter((table) => !present.has(table));
    if (missing.length === 0) continue;
    const tables = missing.length === 1 ? 'table' : 'tables';
    const message = `the keyspace ${keyspace} has no ${tables} ${missing.join(', ')}: ${REMEDY}`;
    throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', message);
  }
}

/** Of types and tables; `''` stands for the keyspace itself. */
export async function presentNames(client: cassandra.Client, keyspace: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const read = async (table: string, column: string) => {
    const query = `SELECT ${column} FROM system_schema.${table} WHERE keyspace_name = ?`;
    const { rows } = await client.execute(query, [keyspace], { prepare: true });
    return rows.map((row) => row[column] as string);
  };
  if ((await read('keyspaces', 'keyspace_name')).length > 0) names.add('');
  for (const name of await read('types', 'type_name')) names.add(name);
  for (const name of await read('tables', 'table_name')) names.add(name);
  return names;
}
