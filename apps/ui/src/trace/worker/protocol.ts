import type { Span } from '@spoor/model';
import type { TraceColumns } from '../model/columns.ts';

/** What the page asks of the worker. `call` comes back in the answer. */
export type WorkerRequest =
  /** The next bytes of an OTLP `TracesData` message. Without an answer: what is wrong with them is told by `open`. */
  | { readonly type: 'push'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** All bytes have been pushed. */
  | { readonly type: 'open'; readonly call: number }
  | { readonly type: 'span'; readonly call: number; readonly row: number }
  /** Cancels the find before it. */
  | { readonly type: 'find'; readonly call: number; readonly text: string };

export type WorkerAnswer =
  /** `undefined` when the message holds no span. */
  | { readonly type: 'open'; readonly call: number; readonly columns: TraceColumns | undefined }
  | { readonly type: 'span'; readonly call: number; readonly span: Span }
  /** Ascending; `undefined` when a newer find came. */
  | { readonly type: 'find'; readonly call: number; readonly rows: Int32Array | undefined }
  | { readonly type: 'failed'; readonly call: number; readonly message: string };
