import type cassandra from 'cassandra-driver';
import type { SchemaConfig } from './config.ts';
import { replication, type TableDefinition, TYPES, tables } from './schema.ts';

/** Something of the keyspace that is not as the settings say. */
export interface SchemaDifference {
  /** The table or type, or the keyspace itself. */
  readonly name: string;
  readonly what: string;
  readonly is: string;
  readonly planned: string;
  /** What is not there because of it, where all else is as it is without it. */
  readonly optionalFor?: string;
}

const ABSENT = 'missing';

/** How keyspace, types and tables differ from what `applySchema` would create where nothing is. Empty: they do not. */
export async function verifySchema(
  client: cassandra.Client,
  keyspace: string,
  config: SchemaConfig,
): Promise<SchemaDifference[]> {
  const system = (table: string) => readSystem(client, table, keyspace);
  const [found] = await system('keyspaces');
  if (found === undefined) return [{ name: keyspace, what: 'keyspace', is: ABSENT, planned: replication(config) }];
  const [types, tableRows, columns] = await Promise.all([system('types'), system('tables'), system('columns')]);
  const differences = [...replicationDifference(keyspace, found['replication'], config)];
  for (const { name, fields } of TYPES) {
    const row = types.find((type) => type['type_name'] === name);
    const names = (row?.['field_names'] ?? []) as string[];
    const fieldTypes = (row?.['field_types'] ?? []) as string[];
    const is = row === undefined ? ABSENT : names.map((field, i) => `${field} ${fieldTypes[i]}`).join(', ');
    const planned = Object.entries(fields)
      .map(([field, type]) => `${field} ${type}`)
      .join(', ');
    if (compared(is) !== compared(planned)) differences.push({ name, what: 'type', is, planned });
  }
  for (const table of tables(config)) {
    const row = tableRows.find((one) => one['table_name'] === table.name);
    if (row === undefined) {
      const { name, optionalFor } = table;
      const difference = { name, what: 'table', is: ABSENT, planned: 'there' };
      differences.push(optionalFor === undefined ? difference : { ...difference, optionalFor });
    } else {
      const own = columns.filter((column) => column['table_name'] === table.name);
      differences.push(...columnDifferences(table, own), ...optionDifferences(table, row));
    }
  }
  return differences;
}

type SystemRow = Readonly<Record<string, unknown>>;

async function readSystem(client: cassandra.Client, table: string, keyspace: string): Promise<readonly SystemRow[]> {
  const query = `SELECT * FROM system_schema.${table} WHERE keyspace_name = ?`;
  const { rows } = await client.execute(query, [keyspace], { prepare: true });
  return rows as unknown as SystemRow[];
}

function* replicationDifference(name: string, found: unknown, config: SchemaConfig): Generator<SchemaDifference> {
  const planned = replication(config);
  const is = mapText(found as Readonly<Record<string, string>>);
  if (compared(is) !== compared(planned)) yield { name, what: 'replication', is, planned };
}

function* columnDifferences(table: TableDefinition, rows: readonly SystemRow[]): Generator<SchemaDifference> {
  const { name } = table;
  for (const [column, planned] of Object.entries(table.columns)) {
    const is = String(rows.find((row) => row['column_name'] === column)?.['type'] ?? ABSENT);
    if (compared(is) !== compared(planned)) yield { name, what: column, is, planned };
  }
  const keyOf = (kind: string) =>
    rows
      .filter((row) => row['kind'] === kind)
      .toSorted((a, b) => Number(a['position']) - Number(b['position']))
      .map((row) => `${row['column_name']}${kind === 'clustering' ? ` ${String(row['clustering_order'])}` : ''}`);
  const is = `(${keyOf('partition_key').join(', ')}) ${keyOf('clustering').join(', ')}`.trim();
  const clustering = table.clustering.map(([column, order]) => `${column} ${order}`).join(', ');
  const planned = `(${table.partitionKey.join(', ')}) ${clustering}`.trim();
  if (compared(is) !== compared(planned)) yield { name, what: 'primary key', is, planned };
}

function* optionDifferences({ name, options }: TableDefinition, row: SystemRow): Generator<SchemaDifference> {
  for (const [what, planned] of Object.entries(options)) {
    const value = row[what];
    const isMap = typeof value === 'object' && value !== null;
    // Only what is planned counts: servers add settings of their own.
    const is = isMap ? mapText(onlyKeysOf(value as Readonly<Record<string, string>>, planned)) : String(value);
    if (compared(is) !== compared(planned)) yield { name, what, is, planned };
  }
}

function onlyKeysOf(map: Readonly<Record<string, string>>, planned: string): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => planned.includes(`'${key}'`)));
}

function mapText(map: Readonly<Record<string, string>>): string {
  return `{${Object.entries(map)
    .map(([key, value]) => `'${key}': '${value}'`)
    .join(', ')}}`;
}

/** Without what says the same in other words: packages of classes, quotes, order and case, and the two names of one policy. */
function compared(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/org\.apache\.cassandra\.(\w+\.)*/g, '')
    .replaceAll(/['"\s]/g, '');
  const words = plain === 'never' ? 'none' : plain;
  return words.startsWith('{') ? words.slice(1, -1).split(',').sort().join(',') : words;
}
