import type { TraceId } from '@spoor/model';
import { SPAN_KINDS } from '@spoor/model';
import type { TimeRange } from '@spoor/storage';
import { ceilMicros, floorMicros } from '../plan.ts';
import type { Queries } from '../queries.ts';
import { traceIdOf } from '../read-span.ts';
import { SERVICE_BUCKETS } from '../span-rows.ts';

/** A piece of the time, and the traces that have spans of the services in it. */
export interface TimeSlice {
  readonly time: TimeRange;
  readonly traceIds: ReadonlySet<TraceId>;
}

/** Ids held at once. */
const MAX_TRACES = 50_000;
const FIRST_SLICE_MICROS = 15n * 60_000_000n;
const PARTITIONS_AT_ONCE = 4;

interface Walk {
  readonly queries: Queries;
  /** As they stand in partition keys. */
  readonly services: readonly string[];
  readonly signal: AbortSignal;
  readonly maxTraces?: number;
}

/**
 * All traces of the time, piece after piece, from the first to the last; one that goes on longer comes in each piece that it has
 * spans in. A piece is as long as memory allows: a time with more traces is halved and asked for again. Goes through
 * `service_name_index` and the kinds in `tag_index`, as searches do, and needs neither a scan of `traces` nor a filter.
 */
export async function* walkTraces(walk: Walk, { startUnixNano, endUnixNano }: TimeRange): AsyncGenerator<TimeSlice> {
  const { maxTraces = MAX_TRACES } = walk;
  const last = floorMicros(endUnixNano);
  let length = FIRST_SLICE_MICROS;
  for (let from = ceilMicros(startUnixNano); from <= last; ) {
    const until = from + length - 1n < last ? from + length - 1n : last;
    const traceIds = await tracesBetween(walk, from, until, length > 1n ? maxTraces : Number.POSITIVE_INFINITY);
    if (traceIds === undefined) {
      length /= 2n;
      continue;
    }
    // Spans begin within their microsecond.
    yield { time: { startUnixNano: from * 1_000n, endUnixNano: until * 1_000n + 999n }, traceIds };
    from = until + 1n;
    if (traceIds.size < maxTraces / 4) length *= 2n;
  }
}

/** `undefined` when there are more. */
async function tracesBetween(
  { queries, services, signal }: Walk,
  from: bigint,
  until: bigint,
  most: number,
): Promise<Set<TraceId> | undefined> {
  const found = new Set<TraceId>();
  const open = partitionsOf(queries, services);
  const takePartitions = async () => {
    for (const [query, key] of open) {
      for await (const rows of queries.pages(query, [...key, from, until], signal)) {
        for (const row of rows) found.add(traceIdOf(row['trace_id'] as Buffer));
        if (found.size > most) return;
      }
    }
  };
  await Promise.all(Array.from({ length: PARTITIONS_AT_ONCE }, takePartitions));
  return found.size > most ? undefined : found;
}

function* partitionsOf(queries: Queries, services: readonly string[]): Generator<[string, readonly unknown[]]> {
  const within = 'start_time >= ? AND start_time <= ?';
  const byBucket = `SELECT trace_id FROM ${queries.table('service_name_index')} WHERE service_name = ? AND bucket = ? AND ${within}`;
  const byKind = `SELECT trace_id FROM ${queries.table('tag_index')} WHERE service_name = ? AND tag_key = 'span.kind' AND tag_value = ? AND ${within}`;
  for (const service of services) {
    for (let bucket = 0; bucket < SERVICE_BUCKETS; bucket += 1) yield [byBucket, [service, bucket]];
    for (const kind of SPAN_KINDS) yield [byKind, [service, kind]];
  }
}
