import type { Span, TraceId } from '@spoor/model';
import type { ReadBudget } from './read-budget.ts';
import type { SpanTable } from './span-table.ts';
import type { IndexRow } from './start-stream.ts';

/** Spans of one trace that are read one by one; whoever asks for more gets the whole trace read. */
const MAX_SINGLE_READS = 4;

/** Looks at the spans themselves: an index row says which trace, and sometimes which span, but never all conditions. */
export class Verifier {
  private readonly table: SpanTable;
  private readonly matches: (span: Span) => boolean;
  private readonly singleReads = new Map<TraceId, number>();
  /** Starts of matching spans, in microseconds. */
  private readonly traces = new Map<TraceId, Promise<ReadonlySet<bigint>>>();

  constructor(table: SpanTable, matches: (span: Span) => boolean) {
    this.table = table;
    this.matches = matches;
  }

  /** Whether a span of the trace that starts then fulfils all conditions, given all rows that may be it. */
  async holds(traceId: TraceId, startMicros: bigint, rows: readonly IndexRow[], budget: ReadBudget): Promise<boolean> {
    const known = this.traces.get(traceId);
    if (known !== undefined) return (await known).has(startMicros);
    const spanIds = rows.map(({ spanId }) => spanId);
    const reads = (this.singleReads.get(traceId) ?? 0) + rows.length;
    this.singleReads.set(traceId, reads);
    if (reads > MAX_SINGLE_READS || spanIds.includes(undefined))
      return (await this.wholeTrace(traceId, budget)).has(startMicros);
    const spans = await Promise.all(
      [...new Set(spanIds as bigint[])].map((spanId) => this.table.spans(traceId, spanId, budget)),
    );
    return spans.flat().some((span) => microsOf(span) === startMicros && this.matches(span));
  }

  private wholeTrace(traceId: TraceId, budget: ReadBudget): Promise<ReadonlySet<bigint>> {
    const read = async () => {
      const starts = new Set<bigint>();
      for await (const spans of this.table.trace(traceId, budget))
        for (const span of spans) if (this.matches(span)) starts.add(microsOf(span));
      return starts;
    };
    const known = this.traces.get(traceId) ?? read();
    this.traces.set(traceId, known);
    // Another budget may be enough for it.
    known.catch(() => this.traces.delete(traceId));
    return known;
  }
}

function microsOf(span: Span): bigint {
  return span.startTimeUnixNano / 1_000n;
}
