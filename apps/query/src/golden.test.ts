import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GOLDEN_SPANS } from './test/golden-spans.ts';
import { TRACE_A } from './test/spans.ts';
import { type StartedQuery, startQuery } from './test/start-query.ts';

/** `npx vitest run apps/query/src/golden.test.ts -u` writes the answers anew; the difference is to be read. */
const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'query-answers');
const TIMES = 'query.startTimeMin=2026-01-31T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z';

let started: StartedQuery;
beforeAll(async () => {
  started = await startQuery(GOLDEN_SPANS);
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
