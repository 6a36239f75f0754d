import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_TENANT, systemClock } from '@spoor/model';
import { decodeTraces, encodeTraces } from '@spoor/otlp';
import type { Storage } from '@spoor/storage';
import { createEmbeddedStorage, DEFAULT_EMBEDDED_STORAGE_CONFIG } from '@spoor/storage-embedded';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GOLDEN_SPANS } from './test/golden-spans.ts';
import { id, resource, span, TRACE_A } from './test/spans.ts';
import { type StartedQuery, startQuery } from './test/start-query.ts';

const LARGE_TRACE = 'ff'.repeat(16);
const LARGE = Array.from({ length: 5_000 }, (_, index) =>
  span({
    traceId: LARGE_TRACE,
    spanId: id(index + 1),
    parentSpanId: index === 0 ? '' : id(index),
    resource: resource('batch'),
  }),
);
const TIMES = 'query.startTimeMin=2026-01-31T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z';

let directory: string;
let storage: Storage;
let started: StartedQuery;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spoor-query-'));
  storage = createEmbeddedStorage(
    { ...DEFAULT_EMBEDDED_STORAGE_CONFIG, directory },
    { logger: pino({ level: 'silent' }), metrics: new Registry(), clock: systemClock },
  );
  await storage.start();
  for (const spans of [GOLDEN_SPANS, LARGE]) {
    const batch = { tenant: DEFAULT_TENANT, encoding: 'otlp_proto', spanCount: spans.length } as const;
    await storage.writer.write([{ ...batch, bytes: encodeTraces(spans) }], { signal: new AbortController().signal });
  }
  started = await startQuery([], {}, { reader: storage.reader, dependencies: storage.dependencies });
});
afterAll(async () => {
  await started?.stop();
  await storage?.stop(new AbortController().signal);
  await rm(directory, { recursive: true });
});

async function json(path: string): Promise<Record<string, never>> {
  return (await (await started.get(path)).json()) as Record<string, never>;
}

test('a filter of version 3 finds what was stored by its numbers', async () => {
  const found = async (op: string, value: string) => {
    const filter = JSON.stringify({ op, args: [{ attr: { key: 'big' } }, { scalar: { value } }] });
    const answer = await json(`/api/v3/trace-summaries?${TIMES}&query.filter=${encodeURIComponent(filter)}`);
    return ((answer as { summaries?: unknown[] }).summaries ?? []).length;
  };
  expect(await found('gte', '9007199254740993')).toBe(1);
  expect(await found('gt', '9007199254740993')).toBe(0);
  expect(await found('gt', '9007199254740992')).toBe(1);
  expect(await found('lt', '1e16')).toBe(1);
});

test('what was stored is found by service, operation, tag and duration', async () => {
  expect(await json('/api/services')).toMatchObject({ data: ['batch', 'orders', 'web'], total: 3 });
  expect(await json('/api/services/web/operations')).toMatchObject({ data: ['GET /checkout', 'POST /orders'] });
  const found = async (query: string) => {
    const { data } = (await json(`/api/traces?${query}`)) as unknown as { data: { traceID: string }[] };
    return data.map(({ traceID }) => traceID);
  };
  expect(await found('service=web')).toEqual([TRACE_A]);
  expect(await found('service=web&tag=error:true')).toEqual([TRACE_A]);
  expect(await found('service=web&tag=error:false&operation=GET%20/checkout')).toEqual([]);
  expect(await found('service=web&minDuration=50ms')).toEqual([TRACE_A]);
  expect(await found('service=web&minDuration=1s')).toEqual([]);
  expect(await found('service=orders')).toHaveLength(2);
  expect(await found('service=orders&limit=1')).toHaveLength(1);
});

test('pages follow one another', async () => {
  const seen: string[] = [];
  let page: string | undefined = '';
  while (page !== undefined) {
    const answer: { summaries?: { traceId: string }[]; nextPage?: string } = await json(
      `/api/v3/trace-summaries?${TIMES}&query.searchDepth=1&query.page=${encodeURIComponent(page)}`,
    );
    for (const { traceId } of answer.summaries ?? []) seen.push(traceId);
    page = answer.nextPage;
  }
  expect(seen).toHaveLength(3);
  expect(new Set(seen).size).toBe(3);
  const refused = await started.get(`/api/v3/trace-summaries?${TIMES}&query.page=made-up`);
  expect(refused.status).toBe(400);
});

test('a large trace comes back whole and adjusted', async () => {
  const response = await started.get(`/api/v3/traces/${LARGE_TRACE}`, { accept: 'application/x-protobuf' });
  const spans = decodeTraces(new Uint8Array(await response.arrayBuffer()));
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(5_000);
});

test('dependencies come from what was stored', async () => {
  const noon = Date.UTC(2026, 0, 31, 12);
  const { data } = await json(`/api/dependencies?endTs=${noon + 60_000}&lookback=3600000`);
  expect(data).toContainEqual(expect.objectContaining({ parent: 'web', child: 'orders' }));
  expect(data).toContainEqual({ parent: 'batch', child: 'batch', callCount: 4_999 });
});
