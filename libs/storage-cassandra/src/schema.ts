import type { SchemaConfig } from './config.ts';
import { GAPS_TABLE } from './coverage/gaps-table.ts';
import { TENANT_DEPENDENCIES_TABLE } from './dependencies/own-table.ts';
import { SLICES_TABLE } from './metrics/slices-table.ts';

/** A table, and what of it `verify` compares. */
export interface TableDefinition {
  readonly name: string;
  /** Column to CQL type, in the order of the statement. */
  readonly columns: Readonly<Record<string, string>>;
  readonly partitionKey: readonly string[];
  /** Column and order. */
  readonly clustering: readonly (readonly [string, 'ASC' | 'DESC'])[];
  readonly options: Readonly<Record<string, string>>;
  /** What is not there where the table is missing, for a table that the peer does not have. */
  readonly optionalFor?: string;
}

export interface TypeDefinition {
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The user-defined types, each after those it is made of (CONTRACT §6). */
export const TYPES: readonly TypeDefinition[] = [
  {
    name: 'keyvalue',
    fields: {
      key: 'text',
      value_type: 'text',
      value_string: 'text',
      value_bool: 'boolean',
      value_long: 'bigint',
      value_double: 'double',
      value_binary: 'blob',
    },
  },
  { name: 'log', fields: { ts: 'bigint', fields: 'frozen<list<frozen<keyvalue>>>' } },
  { name: 'span_ref', fields: { ref_type: 'text', trace_id: 'blob', span_id: 'bigint' } },
  { name: 'process', fields: { service_name: 'text', tags: 'frozen<list<frozen<keyvalue>>>' } },
  { name: 'dependency', fields: { parent: 'text', child: 'text', call_count: 'bigint', source: 'text' } },
];

const MINUTE_MS = 60_000;
/** Of windows a thirtieth of the time to live is the peer's choice (CONTRACT §6). */
const WINDOWS = 30;

/** The tables, as the peer's script for Cassandra 4 and 5 creates them (CONTRACT §6), and behind them what only Spoor has. */
export function tables(config: SchemaConfig): readonly TableDefinition[] {
  const seconds = Math.round(config.traceTtlMs / 1000);
  const windowMs = config.compactionWindowMs ?? Math.ceil(config.traceTtlMs / MINUTE_MS / WINDOWS) * MINUTE_MS;
  const windowMinutes = Math.max(1, Math.round(windowMs / MINUTE_MS));
  const common = { speculative_retry: "'NONE'", gc_grace_seconds: '10800', default_time_to_live: String(seconds) };
  // What is kept for ever has no window in which it all goes.
  const windows = (size: number, unit: 'MINUTES' | 'HOURS') => (seconds === 0 ? SIZE_TIERED : timeWindows(size, unit));
  const spans = { ...common, compaction: windows(windowMinutes, 'MINUTES') };
  const index = { ...common, compaction: windows(1, 'HOURS') };
  const names = { ...common, compaction: SIZE_TIERED };
  return [
    {
      name: 'traces',
      columns: {
        trace_id: 'blob',
        span_id: 'bigint',
        span_hash: 'bigint',
        parent_id: 'bigint',
        operation_name: 'text',
        flags: 'int',
        start_time: 'bigint',
        duration: 'bigint',
        tags: 'list<frozen<keyvalue>>',
        logs: 'list<frozen<log>>',
        refs: 'list<frozen<span_ref>>',
        process: 'frozen<process>',
      },
      partitionKey: ['trace_id'],
      clustering: [
        ['span_id', 'ASC'],
        ['span_hash', 'ASC'],
      ],
      options: spans,
    },
    {
      name: 'service_names',
      columns: { service_name: 'text' },
      partitionKey: ['service_name'],
      clustering: [],
      options: names,
    },
    {
      name: 'operation_names_v2',
      columns: { service_name: 'text', span_kind: 'text', operation_name: 'text' },
      partitionKey: ['service_name'],
      clustering: [
        ['span_kind', 'ASC'],
        ['operation_name', 'ASC'],
      ],
      options: names,
    },
    {
      name: 'service_operation_index',
      columns: { service_name: 'text', operation_name: 'text', start_time: 'bigint', trace_id: 'blob' },
      partitionKey: ['service_name', 'operation_name'],
      clustering: [['start_time', 'DESC']],
      options: index,
    },
    {
      name: 'service_name_index',
      columns: { service_name: 'text', bucket: 'int', start_time: 'bigint', trace_id: 'blob' },
      partitionKey: ['service_name', 'bucket'],
      clustering: [['start_time', 'DESC']],
      options: index,
    },
    {
      name: 'duration_index',
      columns: {
        service_name: 'text',
        operation_name: 'text',
        bucket: 'timestamp',
        duration: 'bigint',
        start_time: 'bigint',
        trace_id: 'blob',
      },
      partitionKey: ['service_name', 'operation_name', 'bucket'],
      clustering: [
        ['duration', 'DESC'],
        ['start_time', 'DESC'],
        ['trace_id', 'ASC'],
      ],
      options: index,
    },
    {
      name: 'tag_index',
      columns: {
        service_name: 'text',
        tag_key: 'text',
        tag_value: 'text',
        start_time: 'bigint',
        trace_id: 'blob',
        span_id: 'bigint',
      },
      partitionKey: ['service_name', 'tag_key', 'tag_value'],
      clustering: [
        ['start_time', 'DESC'],
        ['trace_id', 'ASC'],
        ['span_id', 'ASC'],
      ],
      options: index,
    },
    {
      name: 'dependencies_v2',
      columns: { ts_bucket: 'timestamp', ts: 'timestamp', dependencies: 'list<frozen<dependency>>' },
      partitionKey: ['ts_bucket'],
      clustering: [['ts', 'DESC']],
      options: {
        compaction: SIZE_TIERED,
        default_time_to_live: String(Math.round(config.dependenciesTtlMs / 1000)),
      },
    },
    {
      name: TENANT_DEPENDENCIES_TABLE,
      columns: { tenant: 'text', day: 'timestamp', dependencies: 'list<frozen<dependency>>' },
      partitionKey: ['tenant'],
      clustering: [['day', 'DESC']],
      options: {
        compaction: SIZE_TIERED,
        default_time_to_live: String(Math.round(config.dependenciesTtlMs / 1000)),
      },
      optionalFor: 'calls of other tenants than the default one that a job has counted',
    },
    {
      name: 'operation_throughput',
      columns: { bucket: 'int', ts: 'timeuuid', throughput: 'text' },
      partitionKey: ['bucket'],
      clustering: [['ts', 'DESC']],
      options: {},
    },
    {
      name: 'sampling_probabilities',
      columns: { bucket: 'int', ts: 'timeuuid', hostname: 'text', probabilities: 'text' },
      partitionKey: ['bucket'],
      clustering: [['ts', 'DESC']],
      options: {},
    },
    {
      name: 'leases',
      columns: { name: 'text', owner: 'text' },
      partitionKey: ['name'],
      clustering: [],
      options: {},
    },
    {
      name: SLICES_TABLE,
      columns: {
        service_name: 'text',
        hour: 'int',
        minute: 'int',
        source: 'text',
        through: 'bigint',
        operations: 'text',
      },
      partitionKey: ['service_name', 'hour'],
      clustering: [
        ['minute', 'ASC'],
        ['source', 'ASC'],
      ],
      options: spans,
      optionalFor: 'metrics of services',
    },
    {
      name: GAPS_TABLE,
      columns: { kind: 'text', left_out: 'text', until: 'bigint' },
      partitionKey: ['kind'],
      clustering: [['left_out', 'ASC']],
      options: {},
      optionalFor: 'notes for searches of what is not in the index',
    },
  ];
}

const SIZE_TIERED =
  "{'class': 'org.apache.cassandra.db.compaction.SizeTieredCompactionStrategy', 'min_threshold': '4', 'max_threshold': '32'}";

function timeWindows(size: number, unit: 'MINUTES' | 'HOURS'): string {
  return `{'class': 'org.apache.cassandra.db.compaction.TimeWindowCompactionStrategy', 'compaction_window_size': '${size}', 'compaction_window_unit': '${unit}'}`;
}

export function createKeyspace(keyspace: string, config: SchemaConfig): string {
  return `CREATE KEYSPACE IF NOT EXISTS ${quoted(keyspace)} WITH replication = ${replication(config)}`;
}

export function replication({ datacenters, replicationFactor }: SchemaConfig): string {
  const names = Object.entries(datacenters);
  const options: readonly (readonly [string, string | number])[] =
    names.length === 0
      ? [
          ['class', 'SimpleStrategy'],
          ['replication_factor', replicationFactor],
        ]
      : [['class', 'NetworkTopologyStrategy'], ...names];
  return `{${options.map(([name, value]) => `${text(name)}: ${text(String(value))}`).join(', ')}}`;
}

export function createType(keyspace: string, { name, fields }: TypeDefinition): string {
  const list = Object.entries(fields).map(([field, type]) => `${field} ${type}`);
  return `CREATE TYPE IF NOT EXISTS ${quoted(keyspace)}.${name} (${list.join(', ')})`;
}

export function createTable(keyspace: string, table: TableDefinition): string {
  const columns = Object.entries(table.columns).map(([column, type]) => `${column} ${type}`);
  const partition = `(${table.partitionKey.join(', ')})`;
  const key = [partition, ...table.clustering.map(([column]) => column)].join(', ');
  const order = table.clustering.map(([column, direction]) => `${column} ${direction}`).join(', ');
  const options = [
    ...(order === '' ? [] : [`CLUSTERING ORDER BY (${order})`]),
    ...Object.entries(table.options).map(([option, value]) => `${option} = ${value}`),
  ];
  const end = options.length === 0 ? '' : ` WITH ${options.join(' AND ')}`;
  return `CREATE TABLE IF NOT EXISTS ${quoted(keyspace)}.${table.name} (${columns.join(', ')}, PRIMARY KEY (${key}))${end}`;
}

/** A name as CQL takes it whatever its letters; `"` cannot be in one. */
export function quoted(name: string): string {
  return `"${name}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
