import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestContext } from '@spoor/model';
import { SpanCursor } from '@spoor/otlp';
import type { EmbeddedStorage } from '@spoor/storage-embedded';
import { createEmbeddedStorage, DEFAULT_EMBEDDED_STORAGE_CONFIG } from '@spoor/storage-embedded';
import pino from 'pino';
import { Registry } from 'prom-client';
import { rounded } from './bench.ts';
import type { Stored } from './search-questions.ts';
import { askStore } from './search-questions.ts';

/** The measured process of the benches `store` and `search`: stores the file's requests, then asks. One line of JSON each. */
const [file = '', spanCount = '1000000', mode = 'store'] = process.argv.slice(2);
const SPANS_PER_REQUEST = 100;
const CONCURRENT_WRITES = 8;

const context: RequestContext = { tenant: 'default', signal: new AbortController().signal };
const requests = readRequests(readFileSync(file));
const directory = mkdtempSync(join(tmpdir(), 'spoor-bench-'));
const store = createEmbeddedStorage(
  { ...DEFAULT_EMBEDDED_STORAGE_CONFIG, directory },
  { logger: pino({ level: 'silent' }), metrics: new Registry() },
);
try {
  await store.start();
  const range = await fill(store, Number(spanCount));
  if (mode === 'search') await askStore(store, range, report, 5);
} finally {
  await store.stop(new AbortController().signal);
  rmSync(directory, { recursive: true });
}

/** Writes the requests round after round; each round is a later hour's, with trace ids of its own. */
async function fill(storage: EmbeddedStorage, count: number): Promise<Stored> {
  const spansPerRound = requests.length * SPANS_PER_REQUEST;
  const places = requests.map(placesOf);
  let startUnixNano = 2n ** 63n;
  let endUnixNano = 0n;
  const traceIds: string[] = [];
  const begin = { cpu: process.cpuUsage(), at: performance.now() };
  for (let written = 0; written < count; written += spansPerRound) {
    let next = 0;
    const writeSome = async () => {
      for (let i = next++; i < requests.length; i = next++) {
        const bytes = shifted(requests[i]!, places[i]!, written / spansPerRound);
        const cursor = new SpanCursor(bytes);
        cursor.next();
        if (i % 50 === 0) traceIds.push(cursor.traceId());
        const start = cursor.startTimeUnixNano();
        if (start < startUnixNano) startUnixNano = start;
        if (start > endUnixNano) endUnixNano = start;
        await storage.writer.write(
          [{ tenant: 'default', encoding: 'otlp_proto', spanCount: SPANS_PER_REQUEST, bytes }],
          context,
        );
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_WRITES }, writeSome));
  }
  const seconds = (performance.now() - begin.at) / 1000;
  await storage.keep();
  const { user, system } = process.cpuUsage(begin.cpu);
  const usage = process.resourceUsage();
  const bytes = readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  const spans = Math.ceil(count / spansPerRound) * spansPerRound;
  report({
    case: 'write',
    spans,
    cpuSecondsPerMillionSpans: rounded((user + system) / spans),
    spansPerSecond: Math.round(spans / seconds),
    diskBytesPerSpan: Math.round(bytes / spans),
    peakRssMiB: Math.round(usage.maxRSS / 1024),
    requestBytesMiB: Math.round(requests.reduce((sum, request) => sum + request.length, 0) / 2 ** 20),
  });
  return { startUnixNano, endUnixNano: endUnixNano + 3_600_000_000_000n, traceIds };
}

interface Places {
  readonly traceIds: readonly number[];
  readonly times: readonly number[];
}

/** Where a request's trace ids and times stand: the start is a fixed64 behind its tag, wherever the encoder put it. */
function placesOf(bytes: Uint8Array): Places {
  const traceIds: number[] = [];
  const times: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const cursor = new SpanCursor(bytes);
  while (cursor.next()) {
    traceIds.push(cursor.traceIdAt);
    for (let at = cursor.spanIdAt; at < cursor.spanEnd - 8; at += 1) {
      const isTime =
        (bytes[at] === 57 &&
          view.getUint32(at + 1, true) === cursor.startTimeLow &&
          view.getUint32(at + 5, true) === cursor.startTimeHigh) ||
        (bytes[at] === 65 &&
          view.getUint32(at + 1, true) === cursor.endTimeLow &&
          view.getUint32(at + 5, true) === cursor.endTimeHigh);
      if (isTime) times.push(at + 1);
      if (times.length === traceIds.length * 2) break;
    }
  }
  return { traceIds, times };
}

function shifted(request: Uint8Array, { traceIds, times }: Places, round: number): Uint8Array {
  const bytes = new Uint8Array(request);
  const view = new DataView(bytes.buffer);
  for (const at of traceIds) bytes[at] = round;
  const shift = BigInt(round) * 3_600_000_000_000n;
  for (const at of times) view.setBigUint64(at, view.getBigUint64(at, true) + shift, true);
  return bytes;
}

function readRequests(bytes: Uint8Array): Uint8Array[] {
  const all: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true);
    all.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return all;
}

function report(result: object): void {
  console.log(JSON.stringify(result));
}
