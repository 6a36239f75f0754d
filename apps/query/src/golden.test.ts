import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GOLDEN_SPANS } from './test/golden-spans.ts';
import { MemoryMetrics } from './test/memory-metrics.ts';
import { MS, NOON, TRACE_A } from './test/spans.ts';
import { type StartedQuery, startQuery } from './test/start-query.ts';

/** `npx vitest run apps/query/src/golden.test.ts -u` writes the answers anew; the difference is to be read. */
const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'query-answers');
/** Of one minute each: before the spans, of all of them, and after them. */
const NOON_MS = Number(NOON / MS);
const MINUTES = `endTs=${NOON_MS + 120_000}&lookback=120000&step=60000&ratePer=60000`;
const ALL = `service=web&service=orders&spanKind=server&spanKind=client&groupByOperation=true&${MINUTES}`;
const TIMES = 'query.startTimeMin=2026-01-31T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z';

let started: StartedQuery;
beforeAll(async () => {
  started = await startQuery(
    GOLDEN_SPANS,
    {},
    { serviceMetrics: new MemoryMetrics(GOLDEN_SPANS), clock: { nowMs: () => NOON_MS + 120_000 } },
  );
  started.reader.links = [{ parent: 'web', child: 'orders', callCount: 2 }];
});
afterAll(() => started.stop());

test.each([
  ['legacy-services', '/api/services'],
  ['legacy-service-operations', '/api/services/orders/operations'],
  ['legacy-operations', '/api/operations?service=orders'],
  ['legacy-search', '/api/traces?service=orders'],
  ['legacy-trace', `/api/traces/${TRACE_A}`],
  ['legacy-trace-raw', `/api/traces/${TRACE_A}?raw=true`],
  ['legacy-trace-missing', '/api/traces/ff'],
  ['legacy-dependencies', '/api/dependencies'],
  ['legacy-metrics-latencies', `/api/metrics/latencies?service=web&quantile=0.95&${MINUTES}`],
  ['legacy-metrics-latencies-by-operation', `/api/metrics/latencies?quantile=0.5&${ALL}`],
  ['legacy-metrics-calls', `/api/metrics/calls?service=web&service=orders&${MINUTES}`],
  ['legacy-metrics-calls-by-operation', `/api/metrics/calls?${ALL}`],
  ['legacy-metrics-errors', `/api/metrics/errors?service=web&${MINUTES}`],
  ['legacy-metrics-errors-by-operation', `/api/metrics/errors?${ALL}`],
  ['legacy-metrics-of-nothing', '/api/metrics/calls?service=unknown'],
  ['legacy-metrics-without-service', '/api/metrics/calls'],
  ['legacy-metrics-minstep', '/api/metrics/minstep'],
  ['v3-services', '/api/v3/services'],
  ['v3-operations', '/api/v3/operations?service=orders'],
  ['v3-trace', `/api/v3/traces/${TRACE_A}`],
  ['v3-search', `/api/v3/traces?${TIMES}`],
  ['v3-trace-summaries', `/api/v3/trace-summaries?${TIMES}`],
  ['v3-trace-missing', '/api/v3/traces/ff'],
])('the answer %s is the one on file', async (name, path) => {
  const response = await started.get(path);
  const answer = {
    request: `GET ${path}`,
    status: response.status,
    contentType: response.headers.get('content-type'),
    body: JSON.parse(await response.text()),
  };
  await expect(`${JSON.stringify(answer, null, 2)}\n`).toMatchFileSnapshot(join(FIXTURES, `${name}.json`));
});
