import { randomBytes } from 'node:crypto';
import type { TraceQuery } from '@spoor/storage';
import { describe, expect, test } from 'vitest';
import { readSources } from '../layouts/layouts.ts';
import { elasticsearchConfig, type LayoutName } from '../settings.ts';
import type { SearchRequest, SearchServer } from '../transport/search-server.ts';
import { createReader } from './reader.ts';

const clock = { nowMs: () => Date.UTC(2026, 0, 2) };
const context = { tenant: 'default', signal: new AbortController().signal };
const START = 1_767_225_600_000_000_000n;
const query = (conditions: Partial<TraceQuery> = {}): TraceQuery => ({
  attributes: [],
  time: { startUnixNano: START, endUnixNano: START + 1_000n },
  limit: 1,
  ...conditions,
});

interface Answer {
  readonly status?: number;
  readonly body: object | string;
  readonly retryAfterMs?: number;
}

/** What cannot be had from a real server at will. */
function readerOn(
  answer: (request: SearchRequest, body: Record<string, unknown>) => Answer,
  layouts: LayoutName[] = ['spoor'],
) {
  const asked: SearchRequest[] = [];
  const server: SearchServer = {
    async request(request) {
      asked.push(request);
      const json = typeof request.body === 'string' ? (JSON.parse(request.body) as Record<string, unknown>) : {};
      const { status = 200, body, retryAfterMs } = answer(request, json);
      return { status, body: typeof body === 'string' ? body : JSON.stringify(body), retryAfterMs };
    },
    version: async () => ({ flavour: 'opensearch', major: 2, text: '2.19.0' }),
    close: () => undefined,
  };
  const config = elasticsearchConfig({ readLayouts: layouts });
  return { asked, ...createReader(config, readSources(config, clock), { server, clock }) };
}

const isOpening = ({ method, path }: SearchRequest) => method === 'POST' && path.endsWith('/_search/point_in_time');
const isClosing = ({ method }: SearchRequest) => method === 'DELETE';
/** Two traces, of which a page shows one. */
const hits = (extra: object = {}) => ({
  _shards: { total: 1, failed: 0 },
  hits: {
    hits: [2, 1].map((id) => ({
      _id: `${id}`,
      sort: [Number(START) + id * 512],
      fields: { traceId: [`${id}`.padStart(32, '0')] },
    })),
  },
  ...extra,
});

describe('points in time', () => {
  test('that make a token too long are left out of it, closed, and missed on the next page', async () => {
    const { reader, asked } = readerOn((request) =>
      isOpening(request) ? { body: { pit_id: randomBytes(20_000).toString('base64') } } : { body: hits() },
    );
    const first = await reader.findTraces(query(), context);
    expect(first.incomplete).toBeUndefined();
    expect(first.nextPage!.length).toBeLessThan(500);
    expect(asked.filter(isClosing)).toHaveLength(1);
    const second = await reader.findTraces(query({ page: first.nextPage! }), context);
    expect(second.incomplete).toContain('keep no point in time');
  });

  test('are not needed for an answer: servers may have none, or no more of them', async () => {
    const { reader, asked } = readerOn((request) =>
      isOpening(request) ? { status: 429, body: { error: 'too many' } } : { body: hits() },
    );
    const page = await reader.findTraces(query(), context);
    expect(page.items.map(({ traceId }) => traceId)).toEqual(['2'.padStart(32, '0')]);
    expect(page.incomplete).toBeUndefined();
    expect(asked.at(-1)?.path).toBe('/spoor-span-2026-01-01*,spoor-span-read/_search');
  });

  test('without some shards make the answer incomplete', async () => {
    const { reader } = readerOn((request) =>
      isOpening(request) ? { body: { pit_id: 'p', _shards: { total: 3, failed: 1 } } } : { body: hits() },
    );
    expect((await reader.findTraces(query(), context)).incomplete).toBe('1 of 3 shards could not be read');
  });

  test('of nothing are none, and no later page is incomplete for it', async () => {
    const none = { status: 400, body: { error: { reason: 'invalid id: [null]' } } };
    const { reader } = readerOn(
      (request) =>
        isOpening(request) ? (request.path.includes('jaeger') ? none : { body: { pit_id: 'p' } }) : { body: hits() },
      ['spoor', 'jaeger'],
    );
    const first = await reader.findTraces(query(), context);
    const second = await reader.findTraces(query({ page: first.nextPage! }), context);
    expect(second.incomplete).toBeUndefined();
  });

  test('are closed when there is no next page, and when the search fails', async () => {
    const open = (answer: Answer) => readerOn((request) => (isOpening(request) ? { body: { pit_id: 'p' } } : answer));
    const last = open({ body: hits() });
    await last.reader.findTraces(query({ limit: 2 }), context);
    expect(last.asked.filter(isClosing).map(({ body }) => body)).toEqual(['{"pit_id":["p"]}']);
    const failing = open({ status: 500, body: 'oops' });
    await expect(failing.reader.findTraces(query(), context)).rejects.toThrow('oops');
    expect(failing.asked.filter(isClosing)).toHaveLength(1);
  });
});

describe('answers', () => {
  test.each([
    [{ timed_out: true }, 'the search timed out on some shards'],
    [{ _clusters: { total: 2, skipped: 1 } }, '1 of 2 clusters did not answer'],
    [
      { _shards: { total: 5, failed: 2, failures: [{ index: 'spoor-span-2026-01-01', reason: { reason: 'disk' } }] } },
      '2 of 5 shards failed in spoor-span-2026-01-01: disk',
    ],
  ])('with %j are incomplete searches, and no answers to what must be whole', async (extra, reason) => {
    const { reader, dependencies } = readerOn((request) =>
      isOpening(request) ? { body: { pit_id: 'p' } } : { body: hits(extra) },
    );
    expect((await reader.findTraces(query(), context)).incomplete).toBe(reason);
    const unavailable = { code: 'SPOOR_STORAGE_UNAVAILABLE', message: expect.stringContaining(reason) };
    await expect(reader.getServices(context)).rejects.toMatchObject(unavailable);
    await expect(reader.getOperations('shop', context)).rejects.toMatchObject(unavailable);
    await expect(reader.summariseTraces(['1'], context)).rejects.toMatchObject(unavailable);
    await expect(dependencies.getDependencies(query().time, context)).rejects.toMatchObject(unavailable);
  });

  test.each<[Answer, string]>([
    [{ status: 503, body: { error: { root_cause: [{ reason: 'no master' }] } } }, 'no master'],
    [{ status: 429, body: 'slow down', retryAfterMs: 7_000 }, 'slow down'],
    [{ status: 200, body: '<html>' }, 'no JSON'],
  ])('of %j are trouble that may pass', async (answer, words) => {
    const { reader } = readerOn(() => answer);
    await expect(reader.getServices(context)).rejects.toMatchObject({
      code: 'SPOOR_STORAGE_UNAVAILABLE',
      message: expect.stringContaining(words),
      retryAfterMs: answer.retryAfterMs,
    });
  });

  test('no index is ever asked without its name: that would be all indices of the cluster', async () => {
    const { reader, dependencies, asked } = readerOn(() => ({ body: hits() }));
    const never = { startUnixNano: START + 1n, endUnixNano: START };
    expect((await reader.findTraces(query({ time: never }), context)).items).toEqual([]);
    expect(await dependencies.getDependencies(never, context)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
