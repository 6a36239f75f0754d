import { useCallback, useEffect, useState } from 'react';
import { ApiError, explain } from '../../api/errors.ts';
import { fetchTrace } from '../../api/traces.ts';
import type { TraceColumns } from '../model/columns.ts';
import { TraceWorkerClient } from '../worker/trace-worker-client.ts';

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
    const abort = new AbortController();
    const worker = new TraceWorkerClient();
    setState({ status: 'loading' });
    load(traceId, worker, abort.signal).then(
      (next) => abort.signal.aborted || setState(next),
      (error: unknown) => abort.signal.aborted || setState(failureOf(error)),
    );
    return () => {
      abort.abort();
      worker.close();
    };
  }, [traceId, attempt]);
  return { state, retry: useCallback(() => setAttempt((before) => before + 1), []) };
}

async function load(traceId: string, worker: TraceWorkerClient, signal: AbortSignal): Promise<TraceState> {
  const bytes = await fetchTrace(traceId, signal);
  const columns = await worker.open(bytes).catch((error: unknown) => {
    throw new ApiError('The trace could not be read', error instanceof Error ? error.message : String(error), 200);
  });
  return columns === undefined ? { status: 'missing' } : { status: 'ready', columns, worker };
}

function failureOf(error: unknown): TraceState {
  if (error instanceof ApiError && error.status === 404) return { status: 'missing' };
  return { status: 'failed', ...explain(error) };
}
