import type { Queries, Row } from './queries.ts';
import type { ReadBudget } from './read-budget.ts';
import { traceIdOf } from './read-span.ts';
import type { IndexRow, Moment, StartStream } from './start-stream.ts';

const MAX_PAGE_ROWS = 2_000;

/** What every stream of one search shares. */
export interface StreamContext {
  readonly queries: Queries;
  readonly budget: ReadBudget;
  readonly signal: AbortSignal;
  /** The least start, in microseconds. */
  readonly fromMicros: bigint;
  /** Rows that the first page of a table has. */
  readonly firstPageRows: number;
}

export interface TablePartition {
  readonly table: string;
  /** The columns of the partition key and their values. */
  readonly key: Readonly<Record<string, unknown>>;
  readonly hasSpanId: boolean;
}

export interface StartRow extends IndexRow {
  readonly startMicros: bigint;
}

/** A partition of an index table that clusters by start, newest first. Reads pages of growing size, and jumps where it is told to. */
export class TableStream implements StartStream {
  private readonly context: StreamContext;
  private readonly query: string;
  private readonly keyValues: readonly unknown[];
  private readonly hasSpanId: boolean;
  private moments: Moment[] = [];
  private at = 0;
  private pageRows: number;
  private isDrained = false;
  private isTooSmall = false;

  constructor(context: StreamContext, { table, key, hasSpanId }: TablePartition) {
    const conditions = [...Object.keys(key).map((column) => `${column} = ?`), 'start_time <= ?', 'start_time >= ?'];
    const columns = hasSpanId ? 'start_time, trace_id, span_id' : 'start_time, trace_id';
    this.context = context;
    this.query = `SELECT ${columns} FROM ${context.queries.table(table)} WHERE ${conditions.join(' AND ')} LIMIT ?`;
    this.keyValues = Object.values(key);
    this.hasSpanId = hasSpanId;
    this.pageRows = context.firstPageRows;
  }

  async next(atMost: bigint): Promise<Moment | undefined> {
    for (;;) {
      while (this.at < this.moments.length && this.moments[this.at]!.startMicros > atMost) this.at += 1;
      const moment = this.moments[this.at];
      if (moment !== undefined || this.isDrained) return moment;
      await this.readPage(atMost);
    }
  }

  /** Whether `next` would answer from what has been read. */
  holds(atMost: bigint): boolean {
    const last = this.moments.at(-1);
    return this.isDrained || (last !== undefined && last.startMicros <= atMost);
  }

  private async readPage(atMost: bigint): Promise<void> {
    const { queries, signal, budget, fromMicros, firstPageRows } = this.context;
    const last = this.moments.at(-1)?.startMicros;
    // A page that held one start and not all of it is read again, larger; one that was read to its end asks for a larger one, too; a
    // jump, for as little as possible.
    if (this.isTooSmall) this.pageRows *= 2;
    else if (last !== undefined) {
      const goesOn = atMost >= last - 1n;
      this.pageRows = goesOn ? Math.min(this.pageRows * 2, MAX_PAGE_ROWS) : firstPageRows;
    }
    const params = [...this.keyValues, atMost, fromMicros, this.pageRows];
    const rows = (await queries.rows(this.query, params, signal, budget)).map(startRowOf);
    this.isDrained = rows.length < this.pageRows;
    const moments = byStart(rows, this.hasSpanId ? 'spans' : 'starts');
    this.isTooSmall = !this.isDrained && moments.length === 1;
    if (this.isTooSmall) return;
    // Rows of the last start may go on behind the page.
    if (!this.isDrained) moments.pop();
    this.moments = moments;
    this.at = 0;
  }
}

function startRowOf(row: Row): StartRow {
  const startMicros = row['start_time'] as bigint;
  const traceId = traceIdOf(row['trace_id'] as Buffer);
  const spanId = row['span_id'] as bigint | undefined;
  return spanId === undefined ? { startMicros, traceId } : { startMicros, traceId, spanId };
}

/** Rows that are sorted by start, as moments. */
export function byStart(rows: readonly StartRow[], tells: Moment['tells']): Moment[] {
  const moments: { startMicros: bigint; rows: IndexRow[]; tells: Moment['tells'] }[] = [];
  for (const row of rows) {
    const last = moments.at(-1);
    if (last?.startMicros === row.startMicros) last.rows.push(row);
    else moments.push({ startMicros: row.startMicros, rows: [row], tells });
  }
  return moments;
}
