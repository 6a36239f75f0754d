import type { Span } from '@spoor/model';
import { buildColumns } from '../model/build.ts';
import { transferablesOf } from '../model/columns.ts';
import { findRows, isEmptyFind, parseFind } from '../model/find.ts';
import { TraceReader } from '../model/trace-reader.ts';
import { nextTask } from './next-task.ts';
import type { WorkerAnswer, WorkerRequest } from './protocol.ts';

const reader = new TraceReader();
/** What the bytes so far failed with; told when the trace is opened. */
let failure: unknown;
/** Which of the reader's spans each row is. */
let order: Int32Array = new Int32Array();
let newestFind = 0;

function answer(message: WorkerAnswer, transfer: Transferable[] = []): void {
  (self as unknown as Worker).postMessage(message, transfer);
}

function push(bytes: Uint8Array): void {
  if (failure !== undefined) return;
  try {
    reader.push(bytes);
  } catch (error) {
    failure = error;
  }
}

function open(call: number): void {
  if (failure !== undefined) throw failure;
  reader.end();
  if (reader.facts.count === 0) {
    answer({ type: 'open', call, columns: undefined });
    return;
  }
  const built = buildColumns(reader.facts);
  order = built.order;
  answer({ type: 'open', call, columns: built.columns }, transferablesOf(built.columns));
}

function spanAt(row: number): Span {
  const index = order[row];
  if (index === undefined) throw new RangeError(`the trace has no row ${row}`);
  return reader.spans.decode(index);
}

async function find(call: number, text: string): Promise<void> {
  newestFind = call;
  const query = parseFind(text);
  const rows = isEmptyFind(query)
    ? new Int32Array()
    : await findRows(order.length, spanAt, query, nextTask, () => newestFind !== call);
  answer({ type: 'find', call, rows });
}

async function handle(request: WorkerRequest): Promise<void> {
  if (request.type === 'push') return push(request.bytes);
  try {
    if (request.type === 'open') return open(request.call);
    if (request.type === 'find') return await find(request.call, request.text);
    answer({ type: 'span', call: request.call, span: spanAt(request.row) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    answer({ type: 'failed', call: request.call, message });
  }
}

self.addEventListener('message', (event: MessageEvent<WorkerRequest>) => void handle(event.data));
