import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepPreloadFor, preloadTrace, takeTraceLoad } from './preload.ts';
import type { WorkerAnswer, WorkerRequest } from './protocol.ts';

const ID = '0af7651916cd43dd8448eb211c80319c';
const OTHER = '11111111111111111111111111111111';

/** Takes bytes, and opens what it took as a trace without spans. */
class EmptyWorker {
  static readonly all: EmptyWorker[] = [];
  onmessage: ((event: { readonly data: WorkerAnswer }) => void) | undefined;
  bytes: number[] = [];
  isTerminated = false;

  constructor() {
    EmptyWorker.all.push(this);
  }

  postMessage(request: WorkerRequest): void {
    if (request.type === 'push') this.bytes.push(...request.bytes);
    else if (request.type === 'open') {
      this.onmessage?.({ data: { type: 'open', call: request.call, columns: undefined } });
    }
  }

  terminate(): void {
    this.isTerminated = true;
  }
}

interface Request {
  readonly path: string;
  readonly signal: AbortSignal;
}

let requests: Request[] = [];
let answer: () => Response;

beforeEach(() => {
  requests = [];
  EmptyWorker.all.length = 0;
  answer = () => new Response(Uint8Array.of(1, 2, 3));
  vi.stubGlobal('Worker', EmptyWorker);
  vi.stubGlobal('document', { baseURI: 'http://spoor.example/tracing/' });
  vi.stubGlobal('location', { host: 'spoor.example' });
  vi.stubGlobal('fetch', async (url: URL, { signal }: RequestInit) => {
    requests.push({ path: url.pathname, signal: signal as AbortSignal });
    return answer();
  });
});

afterEach(() => {
  keepPreloadFor('/');
  vi.unstubAllGlobals();
});

test('the trace of the path is sent for at once and taken by the page once', async () => {
  preloadTrace(`/trace/${ID}`);
  expect(requests.map(({ path }) => path)).toEqual([`/tracing/api/v3/traces/${ID}`]);
  const load = takeTraceLoad(ID);
  expect(await load.columns).toBeUndefined();
  expect(EmptyWorker.all[0]?.bytes).toEqual([1, 2, 3]);
  expect(requests).toHaveLength(1);
  const again = takeTraceLoad(ID);
  expect(again).not.toBe(load);
  expect(requests).toHaveLength(2);
});

test.each(['/search', '/', '/trace/', '/trace/not-an-id', `/trace/${ID}/more`, `/trace/${ID}...${OTHER}`])(
  '%s is no path of a trace',
  (path) => {
    preloadTrace(path);
    expect(requests).toEqual([]);
    expect(EmptyWorker.all).toEqual([]);
  },
);

test('an id without its leading zeros is the same trace', () => {
  preloadTrace('/trace/ABC');
  takeTraceLoad('abc'.padStart(32, '0'));
  expect(requests).toHaveLength(1);
});

test('what nobody takes is ended when the page goes elsewhere, and kept while it stays', () => {
  preloadTrace(`/trace/${ID}`);
  keepPreloadFor(`/trace/${ID}`);
  expect(requests[0]?.signal.aborted).toBe(false);
  keepPreloadFor(`/trace/${OTHER}`);
  expect(requests[0]?.signal.aborted).toBe(true);
  expect(EmptyWorker.all[0]?.isTerminated).toBe(true);
  takeTraceLoad(ID);
  expect(requests).toHaveLength(2);
});

test('a load that was taken ends only by its taker', () => {
  preloadTrace(`/trace/${ID}`);
  const load = takeTraceLoad(ID);
  keepPreloadFor('/search');
  expect(load.isClosed).toBe(false);
  load.close();
  expect(requests[0]?.signal.aborted).toBe(true);
  expect(EmptyWorker.all[0]?.isTerminated).toBe(true);
});

test('a failure waits for the page to take it', async () => {
  answer = () => Response.json({ error: { httpCode: 404, message: 'no such trace' } }, { status: 404 });
  preloadTrace(`/trace/${ID}`);
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  await expect(takeTraceLoad(ID).columns).rejects.toMatchObject({ name: 'ApiError', status: 404 });
});

test('an answer that is cut off says so', async () => {
  answer = () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(Uint8Array.of(1)),
        pull: (controller) => controller.error(new TypeError('network error')),
      }),
    );
  await expect(takeTraceLoad(ID).columns).rejects.toMatchObject({
    what: 'The trace could not be loaded',
    why: 'the answer was cut off',
  });
});
