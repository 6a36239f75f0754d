import { useCallback, useEffect } from 'react';
import { useLocation } from 'wouter';
import { formatRange } from '../model/view-range.ts';
import type { ViewStore } from './view-store.ts';

/** The parameters of `/trace/{id}`. `uiFind` is the name that links of the Jaeger UI have. */
export interface PageAddress {
  readonly uiFind?: string | undefined;
  /** Id of the span that is selected. */
  readonly span?: string | undefined;
  /** `start-end` in microseconds after the trace's start. */
  readonly range?: string | undefined;
  /** `matches` when only what was found is shown. */
  readonly show?: string | undefined;
}

/** Changes the named parameters of the address in place; `undefined` takes one away. */
export function useAddressUpdate(): (changes: PageAddress) => void {
  const [path, navigate] = useLocation();
  return useCallback(
    (changes: PageAddress) => {
      const parameters = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined || value === '') parameters.delete(name);
        else parameters.set(name, value);
      }
      const query = parameters.toString();
      if (query === location.search.replace(/^\?/, '')) return;
      navigate(query === '' ? path : `${path}?${query}`, { replace: true });
    },
    [path, navigate],
  );
}

/** Writes the zoom into the address once it rests. */
export function useRangeInAddress(view: ViewStore, update: (changes: PageAddress) => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = view.subscribe(() => {
      clearTimeout(timer);
      timer = setTimeout(() => update({ range: view.isFull ? undefined : formatRange(view.range()) }), 250);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [view, update]);
}
