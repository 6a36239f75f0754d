import { explain } from '../api/errors.ts';
import { formatDuration } from '../format/duration.ts';
import { formatCount, formatCounted } from '../format/number.ts';
import { formatClock } from '../format/time.ts';
import type { SearchState, SortOrder } from './search-state.ts';
import { sortOrders } from './search-state.ts';
import type { ChangeSearch } from './useSearchState.ts';
import type { TraceSearch } from './useTraceSearch.ts';

interface Props {
  readonly state: SearchState;
  readonly search: TraceSearch;
  /** After the plot's window. */
  readonly shownCount: number;
  readonly onChange: ChangeSearch;
}

const sortNames: Readonly<Record<SortOrder, string>> = {
  newest: 'Newest first',
  longest: 'Longest first',
  shortest: 'Shortest first',
  spans: 'Most spans',
  errors: 'Most errors',
};

export function ResultToolbar({ state, search, shownCount, onChange }: Props) {
  const total = search.summaries?.length ?? 0;
  const { window } = state;
  return (
    <>
      {search.incomplete !== undefined && (
        <p className="band band-warning" role="status">
          <strong>Not everything is here.</strong> {search.incomplete}
        </p>
      )}
      {search.error !== null && (
        <p className="band band-error" role="alert">
          <strong>{explain(search.error).what}.</strong> {explain(search.error).why}
          <button type="button" className="button" onClick={search.hasMore ? search.loadMore : search.refresh}>
            Try again
          </button>
        </p>
      )}
      <div className="results-toolbar">
        <h1 className="results-count" aria-live="polite">
          {window === undefined
            ? formatCounted(total, 'trace')
            : `${formatCount(shownCount)} of ${formatCounted(total, 'trace')}`}
          {search.hasMore && <span className="muted"> and more</span>}
        </h1>
        {window !== undefined && (
          <span className="results-window">
            <span>
              {formatClock(window.startMs, false)}–{formatClock(window.endMs, false)}, {formatDuration(window.minNanos)}
              –{formatDuration(window.maxNanos)}
            </span>
            <button
              type="button"
              onClick={() =>
                onChange({
                  window: undefined,
                  time: { kind: 'range', startMs: window.startMs, endMs: window.endMs },
                })
              }
            >
              Search this time
            </button>
            <button
              type="button"
              aria-label="Show all traces again"
              onClick={() => onChange({ window: undefined }, { replace: true })}
            >
              ✕
            </button>
          </span>
        )}
        <span className="results-gap" />
        <label className="results-sort">
          <span className="visually-hidden">Sort by</span>
          <select
            value={state.sort}
            onChange={(event) => {
              const sort = sortOrders.find((order) => order === event.target.value);
              if (sort !== undefined) onChange({ sort }, { replace: true });
            }}
          >
            {sortOrders.map((order) => (
              <option key={order} value={order}>
                {sortNames[order]}
              </option>
            ))}
          </select>
        </label>
        <button type="button" className="button" title="Search again, up to now (r)" onClick={search.refresh}>
          Refresh
        </button>
      </div>
    </>
  );
}
