import { SPAN_KINDS } from '@spoor/model';
import { traceIdOf } from './read-span.ts';
import { NO_KIND } from './span-rows.ts';
import type { IndexRow, Moment, StartStream } from './start-stream.ts';
import type { StreamContext } from './table-stream.ts';
import { byStart, TableStream } from './table-stream.ts';

/** Starts whose other spans are looked for with one request. */
const STARTS_AT_ONCE = 50;

/**
 * The spans of an operation. `service_operation_index` keeps one row where several of them start in the same microsecond
 * (CONTRACT §6). The others have rows for their kind in `tag_index`, so for each start that table is asked for spans of the kinds
 * that the operation has; which of them are of the operation only they themselves tell.
 */
export function operationStream(context: StreamContext, service: string, operation: string): StartStream {
  const table = new TableStream(context, {
    table: 'service_operation_index',
    key: { service_name: service, operation_name: operation },
    hasSpanId: false,
  });
  let kinds: Promise<readonly string[]> | undefined;
  let moments: Moment[] = [];

  async function readAhead(atMost: bigint): Promise<void> {
    const ahead: Moment[] = [];
    for (let bound = atMost; ahead.length < STARTS_AT_ONCE; ) {
      const moment = ahead.length === 0 || table.holds(bound) ? await table.next(bound) : undefined;
      if (moment === undefined) break;
      ahead.push(moment);
      bound = moment.startMicros - 1n;
    }
    if (ahead.length === 0) {
      moments = [];
      return;
    }
    kinds ??= kindsOf(context, service, operation);
    const guesses = await spansAt(
      context,
      service,
      await kinds,
      ahead.map(({ startMicros }) => startMicros),
    );
    moments = ahead.map((moment) => ({
      ...moment,
      rows: [...moment.rows, ...(guesses.get(moment.startMicros) ?? [])],
    }));
  }

  return {
    async next(atMost) {
      const known = moments.find(({ startMicros }) => startMicros <= atMost);
      if (known !== undefined) return known;
      await readAhead(atMost);
      return moments[0];
    },
  };
}

async function kindsOf({ queries, signal }: StreamContext, service: string, operation: string): Promise<string[]> {
  const all = ['', ...SPAN_KINDS.slice(1)];
  const query = `SELECT span_kind FROM ${queries.table('operation_names_v2')} WHERE service_name = ? AND span_kind IN ? AND operation_name = ?`;
  const rows = await queries.rows(query, [service, all, operation], signal);
  return rows.map((row) => (row['span_kind'] as string) || NO_KIND);
}

async function spansAt(
  { queries, signal, budget }: StreamContext,
  service: string,
  kinds: readonly string[],
  starts: readonly bigint[],
): Promise<Map<bigint, readonly IndexRow[]>> {
  const query = `SELECT start_time, trace_id, span_id FROM ${queries.table('tag_index')} WHERE service_name = ? AND tag_key = 'span.kind' AND tag_value = ? AND start_time IN ?`;
  const answers = await Promise.all(kinds.map((kind) => queries.rows(query, [service, kind, starts], signal, budget)));
  const rows = answers.flat().map((row) => ({
    startMicros: row['start_time'] as bigint,
    traceId: traceIdOf(row['trace_id'] as Buffer),
    spanId: row['span_id'] as bigint,
    isGuess: true as const,
  }));
  rows.sort((a, b) => (a.startMicros < b.startMicros ? 1 : a.startMicros > b.startMicros ? -1 : 0));
  return new Map(byStart(rows, 'spans').map((moment) => [moment.startMicros, moment.rows]));
}
