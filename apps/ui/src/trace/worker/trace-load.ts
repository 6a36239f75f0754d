import { ApiError } from '../../api/errors.ts';
import { fetchTrace } from '../../api/traces.ts';
import type { TraceColumns } from '../model/columns.ts';
import { nextTask } from './next-task.ts';
import { TraceWorkerClient } from './trace-worker-client.ts';

/** Passing on what has come runs in micro-tasks: after so long, others get their turn. */
const sliceMs = 8;

/** A trace on its way into a worker of its own. */
export class TraceLoad {
  readonly traceId: string;
  readonly worker: TraceWorkerClient = new TraceWorkerClient();
  /** `undefined` when no span came. Of a load that was closed nothing is to be expected. */
  readonly columns: Promise<TraceColumns | undefined>;
  readonly #abort = new AbortController();

  /** Sends the request at once. */
  constructor(traceId: string) {
    this.traceId = traceId;
    this.columns = this.#load();
    // Whoever takes the promise hears of a failure, be it later.
    this.columns.catch(() => undefined);
  }

  get isClosed(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Ends the request and the worker. */
  close(): void {
    this.#abort.abort();
    this.worker.close();
  }

  async #load(): Promise<TraceColumns | undefined> {
    let pauseAt = performance.now() + sliceMs;
    for await (const bytes of fetchTrace(this.traceId, this.#abort.signal)) {
      if (!this.isClosed) this.worker.push(bytes);
      if (performance.now() < pauseAt) continue;
      await nextTask();
      pauseAt = performance.now() + sliceMs;
    }
    return this.worker.open().catch((error: unknown) => {
      throw new ApiError('The trace could not be read', error instanceof Error ? error.message : String(error), 200);
    });
  }
}
