import type { TraceSummary } from '../api/summaries.ts';
import type { PlotWindow, SortOrder } from './search-state.ts';

export function isWithin(summary: TraceSummary, window: PlotWindow): boolean {
  return (
    summary.startMs >= window.startMs &&
    summary.startMs <= window.endMs &&
    summary.durationNanos >= window.minNanos &&
    summary.durationNanos <= window.maxNanos
  );
}

const compare: Readonly<Record<SortOrder, (a: TraceSummary, b: TraceSummary) => number>> = {
  newest: (a, b) => b.startMs - a.startMs,
  longest: (a, b) => b.durationNanos - a.durationNanos,
  shortest: (a, b) => a.durationNanos - b.durationNanos,
  spans: (a, b) => b.spanCount - a.spanCount,
  errors: (a, b) => b.errorSpanCount - a.errorSpanCount,
};

/** Equal ones keep the order newest first. */
export function sortSummaries(summaries: readonly TraceSummary[], order: SortOrder): readonly TraceSummary[] {
  return [...summaries].sort((a, b) => compare[order](a, b) || compare.newest(a, b));
}
