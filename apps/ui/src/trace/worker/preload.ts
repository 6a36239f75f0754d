import { parseTraceId } from '@spoor/model';
import { TraceLoad } from './trace-load.ts';

/** The trace that the page was opened with, until the page takes it. */
let preloaded: TraceLoad | undefined;

/** Sends for the trace of a path (below the UI's own) of the form `/trace/{id}`; other paths have none. */
export function preloadTrace(path: string): void {
  const traceId = traceIdOf(path);
  if (traceId !== undefined) preloaded = new TraceLoad(traceId);
}

/** The load that was begun for this trace, or a new one. It is then the caller's, who closes it. */
export function takeTraceLoad(traceId: string): TraceLoad {
  const load = preloaded?.traceId === traceId ? preloaded : undefined;
  if (load === undefined) return new TraceLoad(traceId);
  preloaded = undefined;
  return load;
}

/** Ends what was preloaded for another path than this one: nobody will take it. */
export function keepPreloadFor(path: string): void {
  if (preloaded === undefined || preloaded.traceId === traceIdOf(path)) return;
  preloaded.close();
  preloaded = undefined;
}

/** As the router reads it. */
function traceIdOf(path: string): string | undefined {
  const [, id] = /^\/trace\/([^/]+)\/?$/.exec(path) ?? [];
  return id === undefined ? undefined : parseTraceId(id);
}
