import type { RequestContext, SummarySpan, TraceId, TraceSummary } from '@spoor/model';
import { summariseTrace, summarySpanOf } from '@spoor/model';
import type { ReadContext } from './read-context.ts';
import { readSpans } from './trace-spans.ts';

/** Traces that are read at once: their spans' facts are held until all of them are there. */
const TRACES_AT_ONCE = 25;

/** In the order of `traceIds`; traces that do not exist are left out. */
export async function summarise(
  reading: ReadContext,
  traceIds: readonly TraceId[],
  context: RequestContext,
): Promise<TraceSummary[]> {
  const summaries: TraceSummary[] = [];
  for (let from = 0; from < traceIds.length; from += TRACES_AT_ONCE) {
    const part = traceIds.slice(from, from + TRACES_AT_ONCE);
    const traces = new Map<TraceId, SummarySpan[]>();
    for await (const spans of readSpans(reading, { traceIds: part, context })) {
      for (const span of spans) {
        const known = traces.get(span.traceId);
        if (known === undefined) traces.set(span.traceId, [summarySpanOf(span)]);
        else known.push(summarySpanOf(span));
      }
    }
    for (const traceId of part) {
      const spans = traces.get(traceId);
      if (spans !== undefined) summaries.push(summariseTrace(traceId, spans));
    }
  }
  return summaries;
}
