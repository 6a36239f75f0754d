import { GAPS_TABLE } from './coverage/gaps-table.ts';
import { SLICES_TABLE } from './metrics/slices-table.ts';
import { quoted } from './schema.ts';

/** What is written to each table: the columns in the order of the parameters, those of the partition key first. */
const INSERTS = {
  spans: [
    'traces',
    'trace_id, span_id, span_hash, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process',
  ],
  serviceNames: ['service_names', 'service_name'],
  operationNames: ['operation_names_v2', 'service_name, span_kind, operation_name'],
  services: ['service_name_index', 'service_name, bucket, start_time, trace_id'],
  operations: ['service_operation_index', 'service_name, operation_name, start_time, trace_id'],
  durations: ['duration_index', 'service_name, operation_name, bucket, duration, start_time, trace_id'],
  tags: ['tag_index', 'service_name, tag_key, tag_value, start_time, trace_id, span_id'],
  metrics: [SLICES_TABLE, 'service_name, hour, minute, source, through, operations'],
  gaps: [GAPS_TABLE, 'kind, left_out, until'],
} as const;
export type InsertTable = keyof typeof INSERTS;

/** With the timestamp behind the columns. */
const TIMESTAMPED: ReadonlySet<string> = new Set<InsertTable>(['metrics', 'gaps']);

export type InsertStatements = Readonly<Record<InsertTable, string>>;

export function insertStatements(keyspace: string): InsertStatements {
  const entries = Object.entries(INSERTS).map(([table, [name, columns]]) => {
    const marks = columns.split(', ').map(() => '?');
    const using = TIMESTAMPED.has(table) ? ' USING TIMESTAMP ?' : '';
    return [table, `INSERT INTO ${quoted(keyspace)}.${name} (${columns}) VALUES (${marks.join(', ')})${using}`];
  });
  return Object.fromEntries(entries) as Record<InsertTable, string>;
}
