import { useEffect, useMemo } from 'react';
import { useShortcuts } from '../keys/shortcuts.ts';
import { ResultPane } from './ResultPane.tsx';
import './SearchPage.css';
import { SearchForm } from './SearchForm.tsx';
import { problemsOf } from './search-state.ts';
import { useSearchState } from './useSearchState.ts';
import { useTraceSearch } from './useTraceSearch.ts';

/** Search on the left, what it found on the right. */
export function SearchPage() {
  const [state, change] = useSearchState();
  const search = useTraceSearch(state);
  const problems = useMemo(() => problemsOf(state), [state]);

  useEffect(() => {
    document.title = state.service === '' ? 'Search – Spoor' : `${state.service} – Spoor`;
  }, [state.service]);

  useShortcuts('Search', [
    {
      keys: ['/'],
      description: 'Go to the search fields',
      run: () => document.getElementById('search-service')?.focus(),
    },
    { keys: ['t'], description: 'Go to the tags', run: () => document.getElementById('search-tags')?.focus() },
    {
      keys: ['Escape'],
      description: 'Leave the window of the plot',
      run: () => {
        if (state.window === undefined) return false;
        change({ window: undefined }, { replace: true });
        return undefined;
      },
    },
    { keys: ['r'], description: 'Search again, up to now', run: search.refresh },
  ]);

  return (
    <div className="search">
      <SearchForm state={state} onChange={change} onSubmit={search.refresh} />
      <ResultPane state={state} search={search} problems={problems} onChange={change} />
    </div>
  );
}
