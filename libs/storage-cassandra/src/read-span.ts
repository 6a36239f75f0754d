import type { Log, Reference, Tag } from '@spoor/jaeger';
import { hexOf } from '@spoor/otlp';
import type { Row } from './queries.ts';
import type { StoredSpan } from './stored-span.ts';

/** The columns that `storedSpanOfRow` reads. */
export const SPAN_COLUMNS =
  'trace_id, span_id, parent_id, operation_name, flags, start_time, duration, tags, logs, refs, process';

interface KeyValue {
  readonly key: string | null;
  readonly value_type: string | null;
  readonly value_string: string | null;
  readonly value_bool: boolean | null;
  readonly value_long: bigint | null;
  readonly value_double: number | null;
  readonly value_binary: Buffer | null;
}

/** A row of `traces`, whoever wrote it. Whatever is null is empty. */
export function storedSpanOfRow(row: Row): StoredSpan {
  const traceId = traceIdOf(row['trace_id']);
  const process = row['process'] as { service_name: string | null; tags: KeyValue[] | null } | null;
  return {
    traceId,
    spanId: spanIdOf(row['span_id']),
    operationName: row['operation_name'] ?? '',
    references: referencesOf(row, traceId),
    flags: row['flags'] ?? 0,
    startTimeUnixNano: nanos(row['start_time']),
    durationNanos: nanos(row['duration']),
    tags: tagsOf(row['tags']),
    logs: ((row['logs'] ?? []) as { ts: bigint | null; fields: KeyValue[] | null }[]).map(
      (log): Log => ({ timeUnixNano: nanos(log.ts), fields: tagsOf(log.fields) }),
    ),
    process: { serviceName: process?.service_name ?? '', tags: tagsOf(process?.tags) },
    warnings: [],
  };
}

/** 16 bytes, whatever tenant follows them. Shorter ones are small numbers, as old clients have it. */
export function traceIdOf(blob: Buffer): string {
  return hexOf(blob.subarray(0, 16)).padStart(32, '0');
}

export function spanIdOf(id: bigint | null): string {
  return BigInt.asUintN(64, id ?? 0n)
    .toString(16)
    .padStart(16, '0');
}

function nanos(micros: bigint | null | undefined): bigint {
  return (micros ?? 0n) * 1_000n;
}

/** The parent's column counts only where the references do not tell. */
function referencesOf(row: Row, traceId: string): Reference[] {
  const refs = (row['refs'] ?? []) as { ref_type: string | null; trace_id: Buffer | null; span_id: bigint | null }[];
  const references = refs.map(
    ({ ref_type, trace_id, span_id }): Reference => ({
      type: ref_type === 'follows-from' ? 'FOLLOWS_FROM' : 'CHILD_OF',
      traceId: trace_id === null ? traceId : traceIdOf(trace_id),
      spanId: spanIdOf(span_id),
    }),
  );
  const parent = row['parent_id'] as bigint | null;
  const isTold = parent === null || parent === 0n || references.some(({ spanId }) => spanId === spanIdOf(parent));
  return isTold ? references : [{ type: 'CHILD_OF', traceId, spanId: spanIdOf(parent) }, ...references];
}

function tagsOf(list: KeyValue[] | null | undefined): Tag[] {
  return (list ?? []).map((tag) => ({ key: tag.key ?? '', value: tagValueOf(tag) }));
}

function tagValueOf(tag: KeyValue): Tag['value'] {
  switch (tag.value_type) {
    case 'bool':
      return tag.value_bool ?? false;
    case 'int64':
      return tag.value_long ?? 0n;
    case 'float64':
      return tag.value_double ?? 0;
    case 'binary':
      // Outside the driver's memory, which it shares among rows.
      return new Uint8Array(tag.value_binary ?? []);
    default:
      return tag.value_string ?? '';
  }
}
