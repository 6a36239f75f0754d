import type { SummarySpan, TraceSummary } from '@spoor/model';
import { summariseTrace } from '@spoor/model';
import { ChunkBuilder } from './chunk.ts';
import type { ReadEngine } from './read-engine.ts';
import type { Source } from './source.ts';
import { STATUS_ERROR } from './span-index.ts';

/** A trace id as four words. */
export type TraceWords = readonly [number, number, number, number];

/** A span that was found: its source and its ordinal there. */
export interface FoundSpan {
  readonly source: Source;
  readonly ordinal: number;
}

/** Spans that one part of an answer holds. */
const SPANS_PER_PART = 2000;

export function traceWords(traceId: string): TraceWords {
  const word = (at: number) => Number.parseInt(traceId.slice(at, at + 8), 16) >>> 0;
  return [word(0), word(8), word(16), word(24)];
}

export function hexWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** Every span of the trace in the sources, each once. */
export function findSpans(engine: ReadEngine, sources: readonly Source[], trace: TraceWords): FoundSpan[] {
  const term = engine.hash.trace(...trace);
  const found: FoundSpan[] = [];
  for (const source of sources) {
    if (!source.mayHoldTrace(term)) continue;
    let before = -1;
    for (const ordinal of source.posting(term)) {
      if (ordinal === before) continue;
      before = ordinal;
      const stripe = Math.floor(ordinal / source.stripeSpans);
      const at = ordinal - stripe * source.stripeSpans;
      const hot = source.hot(stripe);
      if (
        hot.trace0[at] === trace[0] &&
        hot.trace1[at] === trace[1] &&
        hot.trace2[at] === trace[2] &&
        hot.trace3[at] === trace[3]
      ) {
        found.push({ source, ordinal });
      }
    }
  }
  return found;
}

/** The spans as OTLP messages of a few thousand spans each, chunk by chunk so that each chunk is read once. */
export function* messagesOf(engine: ReadEngine, spans: readonly FoundSpan[]): Generator<Uint8Array> {
  const places = spans.map(({ source, ordinal }) => {
    const stripe = Math.floor(ordinal / source.stripeSpans);
    const cold = source.cold(stripe);
    const at = ordinal - stripe * source.stripeSpans;
    return { chunkId: source.chunkIds[cold.chunk[at]!]!, position: cold.position[at]! };
  });
  places.sort((a, b) => a.chunkId - b.chunkId || a.position - b.position);
  const builder = new ChunkBuilder(16 * 1024);
  for (const { chunkId, position } of places) {
    const view = engine.chunk(chunkId);
    builder.add(view.bytes, view.ranges(position));
    if (builder.spanCount < SPANS_PER_PART) continue;
    yield builder.message().slice();
    builder.clear();
  }
  if (builder.spanCount > 0) yield builder.message().slice();
}

/** Summaries in the order of `traceIds`, without those that do not exist. From columns alone. */
export function summarise(engine: ReadEngine, tenant: string, traceIds: readonly string[]): TraceSummary[] {
  return engine.reading(tenant, (sources) =>
    traceIds.flatMap((traceId) => {
      const spans = findSpans(engine, sources, traceWords(traceId));
      return spans.length === 0 ? [] : [summariseTrace(traceId, spans.map(summarySpan))];
    }),
  );
}

function summarySpan({ source, ordinal }: FoundSpan): SummarySpan {
  const stripe = Math.floor(ordinal / source.stripeSpans);
  const at = ordinal - stripe * source.stripeSpans;
  const hot = source.hot(stripe);
  const cold = source.cold(stripe);
  const isRoot = cold.parent0[at] === 0 && cold.parent1[at] === 0;
  return {
    spanId: hexWord(cold.span0[at]!) + hexWord(cold.span1[at]!),
    parentSpanId: isRoot ? '' : hexWord(cold.parent0[at]!) + hexWord(cold.parent1[at]!),
    serviceName: source.origins[hot.origin[at]!]!.service,
    operationName: source.operations[hot.operation[at]!]!,
    startTimeUnixNano: joinWords(hot.startHigh[at]!, hot.startLow[at]!),
    endTimeUnixNano: joinWords(hot.endHigh[at]!, hot.endLow[at]!),
    isError: (hot.facts[at]! & STATUS_ERROR) !== 0,
  };
}

export function joinWords(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
