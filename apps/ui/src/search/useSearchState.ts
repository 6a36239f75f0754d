import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { readSearch, type SearchState, writeSearch } from './search-state.ts';

/** A change of the search proper makes an entry in the browser's history; a change of how it is shown does not. */
export type ChangeSearch = (change: Partial<SearchState>, options?: { readonly replace?: boolean }) => void;

export function useSearchState(): readonly [SearchState, ChangeSearch] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const state = useMemo(() => readSearch(search), [search]);
  const change = useCallback<ChangeSearch>(
    (part, options) => {
      // From the address as it is now: two changes may come before the next render.
      const query = writeSearch({ ...readSearch(window.location.search), ...part });
      if (`?${query}` === window.location.search) return;
      navigate(query === '' ? '/search' : `/search?${query}`, { replace: options?.replace ?? false });
    },
    [navigate],
  );
  return [state, change];
}
