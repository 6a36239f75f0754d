import type { ColdColumns, HotColumns, Origin, SpanIndex } from './span-index.ts';
import { postingOf } from './span-index.ts';

/** Spans that can be searched, in the order of their start: the index of a block or of a sealed segment. */
export interface Source {
  readonly count: number;
  /** Columns come in stripes of so many spans. */
  readonly stripeSpans: number;
  readonly origins: readonly Origin[];
  readonly operations: readonly string[];
  readonly chunkIds: readonly number[];
  readonly firstArrival: number;
  readonly lastArrival: number;
  /** Halves of the first and the last start. */
  readonly minStartHigh: number;
  readonly minStartLow: number;
  readonly maxStartHigh: number;
  readonly maxStartLow: number;
  hot(stripe: number): HotColumns;
  cold(stripe: number): ColdColumns;
  /** Ordinals of the spans that have the term, ascending; may hold one twice. */
  posting(hash: number): Uint32Array;
  /** False when no span of the trace whose id hashes so is here. */
  mayHoldTrace(hash: number): boolean;
}

/** A source all in memory. */
export function memorySource(index: SpanIndex): Source & { readonly index: SpanIndex } {
  const { columns, count } = index;
  let lastArrival = index.firstArrival;
  for (let i = 0; i < count; i += 1) lastArrival = Math.max(lastArrival, index.firstArrival + columns.arrival[i]!);
  return {
    index,
    count,
    stripeSpans: Math.max(1, count),
    origins: index.origins,
    operations: index.operations,
    chunkIds: index.chunkIds,
    firstArrival: index.firstArrival,
    lastArrival,
    minStartHigh: columns.startHigh[0] ?? 0,
    minStartLow: columns.startLow[0] ?? 0,
    maxStartHigh: columns.startHigh[count - 1] ?? 0,
    maxStartLow: columns.startLow[count - 1] ?? 0,
    hot: () => columns,
    cold: () => columns,
    posting: (hash) => postingOf(index, hash),
    mayHoldTrace: () => true,
  };
}
