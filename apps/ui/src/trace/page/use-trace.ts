import { useCallback, useEffect, useState } from 'react';
import { ApiError, explain } from '../../api/errors.ts';
import type { TraceColumns } from '../model/columns.ts';
import { takeTraceLoad } from '../worker/preload.ts';
import type { TraceWorkerClient } from '../worker/trace-worker-client.ts';

export type TraceState =
  | { readonly status: 'loading' }
  | { readonly status: 'missing' }
  | { readonly status: 'failed'; readonly what: string; readonly why: string }
  | { readonly status: 'ready'; readonly columns: TraceColumns; readonly worker: TraceWorkerClient };

/** Loads the trace into a worker of its own, which lives as long as the component. */
export function useTrace(traceId: string): { readonly state: TraceState; readonly retry: () => void } {
  const [state, setState] = useState<TraceState>({ status: 'loading' });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt loads again
  useEffect(() => {
    const load = takeTraceLoad(traceId);
    setState({ status: 'loading' });
    load.columns.then(
      (columns) => {
        if (load.isClosed) return;
        setState(columns === undefined ? { status: 'missing' } : { status: 'ready', columns, worker: load.worker });
      },
      (error: unknown) => load.isClosed || setState(failureOf(error)),
    );
    return () => load.close();
  }, [traceId, attempt]);
  return { state, retry: useCallback(() => setAttempt((before) => before + 1), []) };
}

function failureOf(error: unknown): TraceState {
  if (error instanceof ApiError && error.status === 404) return { status: 'missing' };
  return { status: 'failed', ...explain(error) };
}
