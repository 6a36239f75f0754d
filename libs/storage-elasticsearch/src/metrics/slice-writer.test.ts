import { counterOf } from '@spoor/metrics';
import { type MetricsSlice, ServiceCounts } from '@spoor/storage';
import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { SearchResponse } from '../transport/search-server.ts';
import { metricsNames } from './slice-names.ts';
import { SliceWriter } from './slice-writer.ts';

const MINUTE = Math.floor(Date.UTC(2026, 10, 21, 23, 59) / 60_000);
const { signal } = new AbortController();
const names = metricsNames(
  { indexPrefix: 'p', rotation: { dateSeparator: '.' }, remoteClusters: [] },
  { nowMs: () => Date.UTC(2026, 10, 21) },
);

type Item = { readonly status: number; readonly error?: { readonly type: string; readonly reason: string } };
type Answer = readonly Item[] | { readonly status: number; readonly type: string };

/** Answers one request after the other as told, and then takes everything. */
function writerOver(answers: readonly Answer[], retryForMs = 60_000) {
  const requests: { readonly actions: Record<string, unknown>[]; readonly query: unknown }[] = [];
  const pauses: number[] = [];
  const registry = new Registry();
  const writer = new SliceWriter(
    { refresh: 'none', retryForMs },
    {
      server: {
        async request({ body, query }): Promise<SearchResponse> {
          const lines = String(body).trimEnd().split('\n');
          const actions = lines.filter((_, i) => i % 2 === 0).map((line) => JSON.parse(line).index);
          requests.push({ actions, query });
          const answer = answers[requests.length - 1] ?? actions.map(() => ({ status: 200 }));
          if ('status' in answer)
            return {
              status: answer.status,
              body: JSON.stringify({ error: { type: answer.type } }),
              retryAfterMs: undefined,
            };
          const items = answer.map((index) => ({ index }));
          return { status: 200, body: JSON.stringify({ items }), retryAfterMs: undefined };
        },
        version: () => Promise.reject(new Error('nobody asks')),
        close: () => undefined,
      },
      names,
      ready: () => undefined,
      onSilence: () => undefined,
      wait: async (ms) => {
        pauses.push(ms);
      },
      logger: pino({ level: 'silent' }),
      refused: counterOf(registry, 'spoor_metrics_slices_refused_total'),
    },
  );
  const refused = async () =>
    (await registry.getSingleMetric('spoor_metrics_slices_refused_total')?.get())?.values[0]?.value;
  return { writer, requests, pauses, refused };
}

function slice(minute: number, through: bigint): MetricsSlice {
  const counts = new ServiceCounts();
  counts.addSpan('GET /', 2, false, 1e6);
  return { tenant: 't', source: 'spans/0', service: 'shop', minute, through, operations: counts.operations() };
}

test('a slice goes into the index of its day, in the version of its offset', async () => {
  const { writer, requests } = writerOver([]);
  await writer.put([slice(MINUTE, 0n), slice(MINUTE + 1, 7n)], signal);
  await writer.put([slice(MINUTE, 8n)], signal);
  expect(
    requests.map(({ actions }) => actions.map(({ _index, version, version_type }) => [_index, version, version_type])),
  ).toEqual([
    [
      ['p-spoor-metrics-2026.11.21', 1, 'external_gte'],
      ['p-spoor-metrics-2026.11.22', 8, 'external_gte'],
    ],
    [['p-spoor-metrics-2026.11.21', 9, 'external_gte']],
  ]);
  const [first, second] = requests;
  expect(second?.actions[0]?.['_id']).toBe(first?.actions[0]?.['_id']);
});

test('one that is there and goes further counts as put; one that is refused for good is left out and counted', async () => {
  const conflict = {
    status: 409,
    error: { type: 'version_conflict_engine_exception', reason: 'current version is higher' },
  };
  const unparsable = { status: 400, error: { type: 'document_parsing_exception', reason: 'field [minute]' } };
  const { writer, requests, refused } = writerOver([[conflict, unparsable, { status: 201 }]]);
  await writer.put([slice(MINUTE, 1n), slice(MINUTE - 1, 1n), slice(MINUTE - 2, 1n)], signal);
  expect(requests).toHaveLength(1);
  expect(await refused()).toBe(1);
});

test('what may pass is sent again, alone, and thrown when it does not pass', async () => {
  const busy = { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue is full' } };
  const { writer, requests, pauses } = writerOver([[{ status: 200 }, busy], { status: 503, type: 'unavailable' }]);
  await writer.put([slice(MINUTE, 1n), slice(MINUTE - 1, 1n)], signal);
  expect(requests.map(({ actions }) => actions.length)).toEqual([2, 1, 1]);
  expect(pauses).toHaveLength(2);
  const closed = writerOver([[busy]], 0);
  await expect(closed.writer.put([slice(MINUTE, 1n)], signal)).rejects.toMatchObject({
    code: 'SPOOR_STORAGE_UNAVAILABLE',
    message: expect.stringContaining('queue is full') as unknown,
  });
});

test('a request that is too large goes in halves, and a slice that is too large by itself is left out', async () => {
  const tooLarge = { status: 413, type: 'too large' };
  const { writer, requests, refused } = writerOver([tooLarge, tooLarge]);
  await writer.put([slice(MINUTE, 1n), slice(MINUTE - 1, 1n), slice(MINUTE - 2, 1n)], signal);
  expect(requests.map(({ actions }) => actions.length)).toEqual([3, 1, 2]);
  expect(await refused()).toBe(1);
});
