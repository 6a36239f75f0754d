import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { TraceSummary } from '../api/summaries.ts';
import { useShortcuts } from '../keys/shortcuts.ts';
import { ResultHeader } from './ResultHeader.tsx';
import './ResultList.css';
import { ResultRow } from './ResultRow.tsx';
import type { SortOrder } from './search-state.ts';
import type { TraceSearch } from './useTraceSearch.ts';

interface Props {
  readonly summaries: readonly TraceSummary[];
  readonly limit: number;
  readonly search: TraceSearch;
  readonly sort: SortOrder;
  readonly onSort: (sort: SortOrder) => void;
  /** The row that has the focus or the pointer. */
  readonly onMark: (traceId: string | undefined) => void;
}

const rowHeight = 48;
const ageTickMs = 10_000;

function useNowMs(): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), ageTickMs);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}

/** Only the rows that can be seen are in the document. */
export function ResultList({ summaries, limit, search, sort, onSort, onMark }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(-1);
  const toFocus = useRef<number | undefined>(undefined);
  const nowMs = useNowMs();
  const longestNanos = useMemo(
    () => summaries.reduce((longest, summary) => Math.max(longest, summary.durationNanos), 1),
    [summaries],
  );
  const rows = useVirtualizer({
    count: summaries.length + (search.hasMore ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  });

  // The row may come into the document only after scrolling to it.
  useEffect(() => {
    if (toFocus.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${String(toFocus.current)}"] a`);
    if (!row) return;
    toFocus.current = undefined;
    row.focus({ preventScroll: true });
  });

  const move = (index: number) => {
    if (summaries.length === 0) return;
    const next = Math.min(summaries.length - 1, Math.max(0, index));
    rows.scrollToIndex(next);
    toFocus.current = next;
    setFocused(next);
  };
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 480) / rowHeight) - 1);
  useShortcuts('Results', [
    { keys: ['j', 'ArrowDown'], description: 'Next trace', run: () => move(focused + 1) },
    { keys: ['k', 'ArrowUp'], description: 'Previous trace', run: () => move(focused - 1) },
    { keys: ['PageDown'], description: 'A page down', run: () => move(focused + page) },
    { keys: ['PageUp'], description: 'A page up', run: () => move(focused - page) },
    { keys: ['Home'], description: 'First trace', run: () => move(0) },
    { keys: ['End'], description: 'Last trace', run: () => move(summaries.length - 1) },
    {
      keys: ['Enter', 'o'],
      description: 'Open the trace',
      run: () => {
        const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${String(focused)}"] a`);
        if (!row || (document.activeElement !== row && document.activeElement !== document.body)) return false;
        row.click();
        return undefined;
      },
    },
  ]);

  return (
    <div className="result-list-frame">
      <ResultHeader sort={sort} onSort={onSort} />
      <div className="result-list-scroller" ref={scroller}>
        {summaries.length === 0 && <p className="result-list-none">No trace lies within the window of the plot.</p>}
        <ul className="result-list" aria-label="Traces" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((item) => {
            const summary = summaries[item.index];
            return (
              <li
                key={summary?.traceId ?? 'more'}
                data-index={item.index}
                aria-setsize={search.hasMore ? -1 : summaries.length}
                aria-posinset={item.index + 1}
                style={{ height: item.size, transform: `translateY(${String(item.start)}px)` }}
                onFocus={() => {
                  setFocused(item.index);
                  onMark(summary?.traceId);
                }}
                onBlur={() => onMark(undefined)}
                onPointerEnter={() => onMark(summary?.traceId)}
                onPointerLeave={() => onMark(undefined)}
              >
                {summary !== undefined ? (
                  <ResultRow
                    summary={summary}
                    longestNanos={longestNanos}
                    nowMs={nowMs}
                    isTabStop={item.index === Math.max(0, focused)}
                  />
                ) : (
                  <button
                    type="button"
                    className="button result-more"
                    disabled={search.isLoadingMore}
                    onClick={search.loadMore}
                  >
                    {search.isLoadingMore ? 'Loading…' : `Load ${String(limit)} more`}
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}
