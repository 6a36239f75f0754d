import { useCallback, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { basePath } from '../api/client.ts';
import { explain } from '../api/errors.ts';
import { Failure } from '../app/Failure.tsx';
import { EmptyResult } from './EmptyResult.tsx';
import { isWithin, sortSummaries } from './narrow.ts';
import { ResultList } from './ResultList.tsx';
import './ResultPane.css';
import { ResultSkeleton } from './ResultSkeleton.tsx';
import { ResultToolbar } from './ResultToolbar.tsx';
import { ScatterPlot } from './ScatterPlot.tsx';
import type { SearchProblems, SearchState } from './search-state.ts';
import type { ChangeSearch } from './useSearchState.ts';
import type { TraceSearch } from './useTraceSearch.ts';

interface Props {
  readonly state: SearchState;
  readonly search: TraceSearch;
  readonly problems: SearchProblems;
  readonly onChange: ChangeSearch;
}

export function ResultPane(props: Props) {
  const { search } = props;
  return (
    <section className="results" aria-label="Traces found" aria-busy={search.isLoading}>
      <div className="results-progress" data-active={search.isLoading} />
      <Results {...props} />
    </section>
  );
}

function Results({ state, search, problems, onChange }: Props) {
  const [, navigate] = useLocation();
  const [markedTraceId, setMarkedTraceId] = useState<string | undefined>();
  const { summaries } = search;
  const { window: chosen, sort } = state;
  const shown = useMemo(() => {
    const narrowed = chosen === undefined ? summaries : summaries?.filter((summary) => isWithin(summary, chosen));
    return sortSummaries(narrowed ?? [], sort);
  }, [summaries, chosen, sort]);
  const open = useCallback(
    (traceId: string, inNewTab: boolean) => {
      if (inNewTab) window.open(`${basePath()}/trace/${traceId}`, '_blank', 'noopener');
      else navigate(`/trace/${traceId}`);
    },
    [navigate],
  );

  const problem = problems.tags ?? problems.minDuration ?? problems.maxDuration;
  if (problem !== undefined) return <Failure what="The search cannot be read" why={problem} />;
  if (search.error !== null && (summaries === undefined || search.isStale)) {
    return <Failure {...explain(search.error)} onRetry={search.refresh} />;
  }
  if (summaries === undefined) return <ResultSkeleton />;
  if (summaries.length === 0 && search.incomplete === undefined) {
    // Also while the next answer is on its way: what one reads or copies here must not be swept away.
    return <EmptyResult state={state} onChange={onChange} onRefresh={search.refresh} />;
  }
  return (
    <div className="results-content" data-stale={search.isStale}>
      <ScatterPlot
        summaries={summaries}
        window={state.window}
        markedTraceId={markedTraceId}
        onWindow={(window) => onChange({ window }, { replace: true })}
        onOpen={open}
      />
      <ResultToolbar state={state} search={search} shownCount={shown.length} onChange={onChange} />
      <ResultList
        summaries={shown}
        limit={state.limit}
        search={search}
        sort={state.sort}
        onSort={(sort) => onChange({ sort }, { replace: true })}
        onMark={setMarkedTraceId}
      />
    </div>
  );
}
