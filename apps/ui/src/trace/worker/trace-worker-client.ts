import type { Span } from '@spoor/model';
import type { TraceColumns } from '../model/columns.ts';
import type { WorkerAnswer, WorkerRequest } from './protocol.ts';

type WithoutCall<T> = T extends { readonly call: number } ? Omit<T, 'call'> : never;

/** The page's side of the worker that holds one trace. Close it when the page goes. */
export class TraceWorkerClient {
  readonly #worker = new Worker(new URL('./trace.worker.ts', import.meta.url), { type: 'module' });
  readonly #waiting = new Map<number, { resolve: (answer: WorkerAnswer) => void; reject: (error: Error) => void }>();
  #lastCall = 0;

  constructor() {
    this.#worker.onmessage = (event: MessageEvent<WorkerAnswer>) => {
      const waiting = this.#waiting.get(event.data.call);
      this.#waiting.delete(event.data.call);
      if (event.data.type === 'failed') waiting?.reject(new Error(event.data.message));
      else waiting?.resolve(event.data);
    };
    this.#worker.onerror = (event) => {
      const error = new Error(event.message || 'the script that reads traces could not be loaded');
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
  }

  /** `bytes` are the next of an OTLP `TracesData` message; their buffer is handed over. */
  push(bytes: Uint8Array<ArrayBuffer>): void {
    this.#worker.postMessage({ type: 'push', bytes } satisfies WorkerRequest, [bytes.buffer]);
  }

  /** After the last `push`. `undefined` when there is no span in the message. */
  async open(): Promise<TraceColumns | undefined> {
    const answer = await this.#call({ type: 'open' });
    return answer.type === 'open' ? answer.columns : undefined;
  }

  async span(row: number): Promise<Span | undefined> {
    const answer = await this.#call({ type: 'span', row });
    return answer.type === 'span' ? answer.span : undefined;
  }

  /** Rows that match, ascending; `undefined` when a newer find took over. */
  async find(text: string): Promise<Int32Array | undefined> {
    const answer = await this.#call({ type: 'find', text });
    return answer.type === 'find' ? answer.rows : undefined;
  }

  /** What was asked and not answered stays without an answer. */
  close(): void {
    this.#worker.terminate();
    this.#waiting.clear();
  }

  #call(request: WithoutCall<WorkerRequest>): Promise<WorkerAnswer> {
    const call = (this.#lastCall += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#worker.postMessage({ ...request, call });
    });
  }
}
