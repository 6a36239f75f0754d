import type { Resource, Span, TraceId, TraceSummary } from '@spoor/model';
import { summariseTrace, summarySpanOf } from '@spoor/model';
import { PageSize } from './page-size.ts';
import type { Queries, Row } from './queries.ts';
import type { ReadBudget } from './read-budget.ts';
import { SPAN_COLUMNS, storedSpanOfRow } from './read-span.ts';
import { spanOfStored } from './stored-span.ts';
import type { TenantKeys } from './tenant-keys.ts';

/** Reads `traces` within one tenant. */
export class SpanTable {
  private readonly queries: Queries;
  private readonly keys: TenantKeys;
  private readonly signal: AbortSignal;

  constructor(queries: Queries, keys: TenantKeys, signal: AbortSignal) {
    this.queries = queries;
    this.keys = keys;
    this.signal = signal;
  }

  /** All spans of a trace, in chunks. */
  async *trace(traceId: TraceId, budget?: ReadBudget): AsyncGenerator<Span[]> {
    const query = `SELECT ${SPAN_COLUMNS} FROM ${this.queries.table('traces')} WHERE trace_id = ?`;
    const resources = new Map<string, Resource>();
    for await (const rows of this.pages(query, traceId, budget)) {
      if (rows.length > 0) yield rows.map((row) => spanOfRow(row, resources));
    }
  }

  /** The spans of a trace that have the id: several where a client and a server share theirs. */
  async spans(traceId: TraceId, spanId: bigint, budget?: ReadBudget): Promise<Span[]> {
    const query = `SELECT ${SPAN_COLUMNS} FROM ${this.queries.table('traces')} WHERE trace_id = ? AND span_id = ?`;
    const rows = await this.queries.rows(query, [this.keys.traceKey(traceId), spanId], this.signal, budget);
    const resources = new Map<string, Resource>();
    return rows.map((row) => spanOfRow(row, resources));
  }

  /** All spans of a trace, in chunks, without their logs, and with nothing of their process but its name. */
  async *outlines(traceId: TraceId, budget?: ReadBudget): AsyncGenerator<Span[]> {
    const query = `SELECT ${OUTLINE_COLUMNS} FROM ${this.queries.table('traces')} WHERE trace_id = ?`;
    const resources = new Map<string, Resource>();
    for await (const rows of this.pages(query, traceId, budget))
      yield rows.map((row) => spanOfRow(withoutRest(row), resources));
  }

  private pages(query: string, traceId: TraceId, budget: ReadBudget | undefined): AsyncGenerator<Row[]> {
    return this.queries.pages(query, [this.keys.traceKey(traceId)], this.signal, budget, new PageSize());
  }

  /** `undefined` when there is no such trace. */
  async summary(traceId: TraceId): Promise<TraceSummary | undefined> {
    const spans = [];
    for await (const some of this.outlines(traceId)) for (const span of some) spans.push(summarySpanOf(span));
    return spans.length === 0 ? undefined : summariseTrace(traceId, spans);
  }
}

const OUTLINE_COLUMNS =
  'trace_id, span_id, parent_id, operation_name, start_time, duration, tags, refs, process.service_name AS service';

function withoutRest(row: Row): Row {
  const columns = row as unknown as Record<string, unknown>;
  return { ...columns, process: { service_name: columns['service'], tags: [] } } as unknown as Row;
}

function spanOfRow(row: Row, resources: Map<string, Resource>): Span {
  return spanOfStored(storedSpanOfRow(row), resources);
}
