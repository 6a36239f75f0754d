import type { Span } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { buildColumns } from '../model/build.ts';
import { transferablesOf } from '../model/columns.ts';
import { findRows, isEmptyFind, parseFind } from '../model/find.ts';
import type { WorkerAnswer, WorkerRequest } from './protocol.ts';

let spans: readonly Span[] = [];
let newestFind = 0;

/** Lets messages in: a task, for they wait behind micro-tasks. */
const channel = new MessageChannel();
const paused: (() => void)[] = [];
channel.port1.onmessage = () => paused.shift()?.();
function pause(): Promise<void> {
  return new Promise((resume) => {
    paused.push(resume);
    channel.port2.postMessage(undefined);
  });
}

function answer(message: WorkerAnswer, transfer: Transferable[] = []): void {
  (self as unknown as Worker).postMessage(message, transfer);
}

function open(call: number, bytes: ArrayBuffer): void {
  const decoded = decodeTraces(new Uint8Array(bytes));
  const traceId = decoded[0]?.traceId;
  if (traceId === undefined) {
    answer({ type: 'open', call, columns: undefined });
    return;
  }
  const built = buildColumns({ traceId, spans: decoded });
  spans = built.spans;
  answer({ type: 'open', call, columns: built.columns }, transferablesOf(built.columns));
}

async function find(call: number, text: string): Promise<void> {
  newestFind = call;
  const query = parseFind(text);
  const rows = isEmptyFind(query) ? new Int32Array() : await findRows(spans, query, pause, () => newestFind !== call);
  answer({ type: 'find', call, rows });
}

async function handle(request: WorkerRequest): Promise<void> {
  try {
    if (request.type === 'open') return open(request.call, request.bytes);
    if (request.type === 'find') return await find(request.call, request.text);
    const span = spans[request.row];
    if (span === undefined) throw new RangeError(`the trace has no row ${request.row}`);
    answer({ type: 'span', call: request.call, span });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ type: 'failed', call: request.call, message });
  }
}

self.addEventListener('message', (event: MessageEvent<WorkerRequest>) => void handle(event.data));
