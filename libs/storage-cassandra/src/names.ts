import type { SpanKind } from '@spoor/model';
import { SPAN_KINDS } from '@spoor/model';
import type { Operation } from '@spoor/storage';
import { nameKey } from './name-key.ts';
import type { Queries, Row } from './queries.ts';
import { tooCostly } from './read-budget.ts';
import type { TenantKeys } from './tenant-keys.ts';

/** All service names of the tenant, sorted by code point. Throws `SPOOR_INVALID_REQUEST` when there are more than `most`. */
export async function servicesOf(
  queries: Queries,
  keys: TenantKeys,
  signal: AbortSignal,
  most: number = Number.POSITIVE_INFINITY,
): Promise<string[]> {
  const { servicesPartition } = keys;
  const names: string[] = [];
  if (servicesPartition === undefined) {
    const query = `SELECT service_name FROM ${queries.table('service_names')}`;
    for await (const rows of queries.pages(query, [], signal))
      for (const row of atMost(most, names, rows)) names.push(keys.serviceNameOfKey(row['service_name'] as string));
  } else {
    const query = `SELECT operation_name FROM ${queries.table('operation_names_v2')} WHERE service_name = ?`;
    for await (const rows of queries.pages(query, [servicesPartition], signal))
      for (const row of atMost(most, names, rows)) names.push(row['operation_name'] as string);
  }
  return names.sort(byCodePoint);
}

/** Sorted by name, then by kind. Throws `SPOOR_INVALID_REQUEST` when there are more than `most`. */
export async function operationsOf(
  queries: Queries,
  keys: TenantKeys,
  {
    service,
    kind,
    signal,
    most,
  }: {
    readonly service: string;
    readonly kind: SpanKind | undefined;
    readonly signal: AbortSignal;
    readonly most: number;
  },
): Promise<Operation[]> {
  const query = `SELECT span_kind, operation_name FROM ${queries.table('operation_names_v2')} WHERE service_name = ?`;
  const operations: Operation[] = [];
  for await (const rows of queries.pages(query, [keys.serviceKey(nameKey(service))], signal)) {
    for (const row of atMost(most, operations, rows)) {
      const spanKind = kindOf(row['span_kind'] as string);
      if (kind === undefined || spanKind === kind) operations.push({ name: row['operation_name'] as string, spanKind });
    }
  }
  return operations.sort(
    (a, b) => byCodePoint(a.name, b.name) || SPAN_KINDS.indexOf(a.spanKind) - SPAN_KINDS.indexOf(b.spanKind),
  );
}

/** The rows, unless there are more than `most` with those before. */
function atMost(most: number, before: readonly unknown[], rows: readonly Row[]): readonly Row[] {
  if (before.length + rows.length <= most) return rows;
  const advice = `there are more than ${most}; leave ids out of names, or raise storage.cassandra.read.maxRows`;
  throw tooCostly('to list all names', advice);
}

/** The peer writes whatever the tag says, and nothing where there is none. */
function kindOf(text: string): SpanKind {
  return SPAN_KINDS.find((kind) => kind === text) ?? 'unspecified';
}

/** UTF-16 sorts what lies beyond U+FFFF before what lies beyond U+D800. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
