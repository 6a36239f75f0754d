import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { fetchSummaries, type TraceSummary } from '../api/summaries.ts';
import { type SearchState, toSummaryQuery, writeSearch } from './search-state.ts';

export interface TraceSearch {
  /** Absent until the first page is here. Those of the search before while `isStale`. */
  readonly summaries: readonly TraceSummary[] | undefined;
  readonly incomplete: string | undefined;
  readonly error: Error | null;
  /** The rows belong to the search before; the answer to this one is on its way. */
  readonly isStale: boolean;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
  /** Asks again, with "now" as it is now. */
  readonly refresh: () => void;
}

/** Runs the search that the state describes. A search that is replaced by another is cancelled. */
export function useTraceSearch(state: SearchState): TraceSearch {
  const client = useQueryClient();
  // Sorting and the plot's window choose among what is loaded; they ask nothing new.
  const { window: _window, sort: _sort, ...asked } = state;
  const question = writeSearch({ ...asked, sort: 'newest' });
  const [run, setRun] = useState(() => ({ question, atMs: Date.now() }));
  if (run.question !== question) setRun({ question, atMs: Date.now() });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `question` stands for every part of the state that is asked
  const query = useMemo(() => toSummaryQuery(state, run.atMs), [question, run.atMs]);
  const result = useInfiniteQuery({
    queryKey: ['summaries', query],
    enabled: query !== undefined,
    queryFn: ({ pageParam, signal }) => {
      if (query === undefined) throw new Error('the search has faults');
      return fetchSummaries(query, pageParam, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextPage,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

  const pages = result.data?.pages;
  const summaries = useMemo(() => {
    const byId = new Map<string, TraceSummary>();
    for (const page of pages ?? []) for (const summary of page.summaries) byId.set(summary.traceId, summary);
    return pages === undefined ? undefined : [...byId.values()];
  }, [pages]);

  const refresh = useCallback(() => {
    setRun({ question, atMs: Date.now() });
    void client.invalidateQueries({ queryKey: ['services'] });
    void client.invalidateQueries({ queryKey: ['operations'] });
  }, [client, question]);

  return {
    summaries,
    incomplete: pages?.find((page) => page.incomplete !== undefined)?.incomplete,
    error: result.error,
    isStale: result.isPlaceholderData,
    isLoading: result.isFetching && !result.isFetchingNextPage,
    hasMore: result.hasNextPage && !result.isPlaceholderData,
    isLoadingMore: result.isFetchingNextPage,
    loadMore: () => void result.fetchNextPage(),
    refresh,
  };
}
