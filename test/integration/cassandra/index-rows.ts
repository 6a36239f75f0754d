import type { Span } from '@spoor/model';
import type { Client, types } from 'cassandra-driver';

const PAGE_ROWS = 5_000;

/** What a row is told by in each of the index tables, as one text. */
type RowsByTable = Readonly<
  Record<'tag_index' | 'service_name_index' | 'service_operation_index', ReadonlySet<string>>
>;

/** All rows of the tables. */
export async function indexRows(
  client: Client,
  keyspace: string,
  consistency: types.consistencies,
): Promise<RowsByTable> {
  const read = async (table: string, columns: string) => {
    const found = new Set<string>();
    const options = { prepare: true, fetchSize: PAGE_ROWS, consistency, readTimeout: 60_000 };
    const rows = await client.execute(`SELECT ${columns} FROM ${keyspace}.${table}`, [], options);
    for await (const row of rows) found.add(textOf([...row.values()].map(plain)));
    return found;
  };
  return {
    tag_index: await read('tag_index', 'service_name, tag_key, tag_value, start_time, trace_id, span_id'),
    service_name_index: await read('service_name_index', 'service_name, start_time, trace_id'),
    service_operation_index: await read(
      'service_operation_index',
      'service_name, operation_name, start_time, trace_id',
    ),
  };
}

/**
 * Rows that the spans, as they are stored, must have and the tables lack. Of spans that start in the same microsecond the tables
 * without a span id keep one.
 */
export function missingRows(
  spans: readonly Span[],
  rows: RowsByTable,
  { withTags }: { readonly withTags: boolean },
): string[] {
  const missing: string[] = [];
  const together = new Map<string, string[][]>();
  const note = (table: keyof RowsByTable, names: readonly string[], { startTimeUnixNano, traceId }: Span) => {
    const start = String(startTimeUnixNano / 1_000n);
    const at = textOf([table, ...names, start]);
    together.set(at, [...(together.get(at) ?? []), [table, textOf([...names, start, traceId])]]);
  };
  for (const span of spans) {
    const service = String(span.resource.attributes.find(({ key }) => key === 'service.name')?.value);
    note('service_name_index', [service], span);
    note('service_operation_index', [service, span.name], span);
    if (!withTags) continue;
    const spanId = String(BigInt.asIntN(64, BigInt(`0x${span.spanId}`)));
    for (const [key, value] of tagsOf(span)) {
      const row = textOf([service, key, value, String(span.startTimeUnixNano / 1_000n), span.traceId, spanId]);
      if (!rows.tag_index.has(row)) missing.push(`tag_index ${row}`);
    }
  }
  for (const choices of together.values()) {
    const isThere = choices.some(([table, row]) => rows[table as keyof RowsByTable].has(row!));
    if (!isThere) missing.push(choices[0]!.join(' '));
  }
  return missing;
}

/** Those of the contract that need no thought: its kind, and short texts, numbers without a point, and truths of its own. */
function tagsOf({ kind, attributes }: Span): [string, string][] {
  const tags: [string, string][] = kind === 'unspecified' ? [] : [['span.kind', kind]];
  for (const { key, value } of attributes) {
    const isPlain = typeof value === 'bigint' || typeof value === 'boolean';
    if (isPlain || (typeof value === 'string' && /^[\w /.:-]{1,80}$/.test(value))) tags.push([key, String(value)]);
  }
  return tags;
}

function plain(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

function textOf(parts: readonly string[]): string {
  return JSON.stringify(parts);
}
