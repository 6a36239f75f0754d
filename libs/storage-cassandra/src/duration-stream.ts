import { traceIdOf } from './read-span.ts';
import { durationBucket } from './span-rows.ts';
import type { Moment, StartStream } from './start-stream.ts';
import type { StreamContext } from './table-stream.ts';
import { byStart } from './table-stream.ts';

/** In microseconds, inclusive. */
export interface DurationRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** Rows of an hour that are worth reading and sorting; with more, the condition holds for most spans and is checked on each instead. */
const MAX_ROWS_OF_HOUR = 2_000;
const HOUR_MICROS = 3_600_000_000n;

/**
 * The spans of a service, or of one of its operations, in a range of durations. `duration_index` sorts those of an hour by
 * duration, so an hour is read whole. In an hour with too many this tells nothing, or what `otherwise` tells.
 */
export function durationStream(
  context: StreamContext,
  {
    service,
    operation,
    range,
    otherwise,
  }: { service: string; operation: string; range: DurationRange; otherwise?: StartStream },
): StartStream {
  const { queries, signal, budget, fromMicros } = context;
  const query = `SELECT start_time, trace_id FROM ${queries.table('duration_index')} WHERE service_name = ? AND operation_name = ? AND bucket = ? AND duration <= ? AND duration >= ? LIMIT ?`;
  const hours = new Map<bigint, Promise<Moment[] | undefined>>();

  async function readHour(bucket: bigint): Promise<Moment[] | undefined> {
    const params = [service, operation, new Date(Number(bucket)), range.max, range.min, MAX_ROWS_OF_HOUR + 1];
    const rows = await queries.rows(query, params, signal, budget);
    if (rows.length > MAX_ROWS_OF_HOUR) return undefined;
    const sorted = rows
      .map((row) => ({ startMicros: row['start_time'] as bigint, traceId: traceIdOf(row['trace_id'] as Buffer) }))
      .sort((a, b) => (a.startMicros < b.startMicros ? 1 : a.startMicros > b.startMicros ? -1 : 0));
    return byStart(sorted, 'traces');
  }

  function hour(bucket: bigint): Promise<Moment[] | undefined> {
    const known = hours.get(bucket) ?? readHour(bucket);
    hours.set(bucket, known);
    return known;
  }

  return {
    async next(atMost) {
      for (let bound = atMost; bound >= fromMicros; ) {
        const bucket = durationBucket(bound);
        const moments = await hour(bucket);
        const begin = bucket * 1_000n - HOUR_MICROS / 2n;
        if (moments === undefined) {
          if (otherwise === undefined) return { startMicros: bound, rows: [], tells: 'nothing' };
          const moment = await otherwise.next(bound);
          if (moment === undefined) return undefined;
          if (moment.startMicros >= begin) return moment;
          bound = moment.startMicros;
          continue;
        }
        const found = moments.find(({ startMicros }) => startMicros <= bound);
        if (found !== undefined) return found.startMicros >= fromMicros ? found : undefined;
        bound = begin - 1n;
      }
      return undefined;
    },
  };
}
