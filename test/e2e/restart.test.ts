import { expect } from 'vitest';
import { jsonSpan, newTraceId, sendSpans, text } from '../harness/otlp-json.ts';
import { getTrace, searchTraces } from '../harness/query-api.ts';
import { scenario } from '../harness/scenario.ts';

scenario('a trace that was acknowledged is there after kill -9 and a restart', async ({ spoor }) => {
  const traceId = newTraceId();
  const root = jsonSpan({ traceId, name: 'GET /before', attributes: [text('round', 'first')] });
  await sendSpans(spoor.addresses.otlpHttp, 'survivor', [
    root,
    jsonSpan({ traceId, name: 'child', parentSpanId: root.spanId }),
  ]);
  await spoor.kill9();
  await spoor.restart();

  const found = await getTrace(spoor.addresses.queryHttp, traceId);
  expect(found?.spans.map(({ operationName }) => operationName).toSorted()).toEqual(['GET /before', 'child']);
  const [searched] = await searchTraces(spoor.addresses.queryHttp, { service: 'survivor', tag: 'round:first' });
  expect(searched?.traceID).toBe(traceId);

  // And the restarted process takes more, which the next search has first.
  const later = jsonSpan({ name: 'GET /after' });
  await sendSpans(spoor.addresses.otlpHttp, 'survivor', [later]);
  const traces = await searchTraces(spoor.addresses.queryHttp, { service: 'survivor' });
  expect(traces.map(({ traceID }) => traceID)).toEqual([later.traceId, traceId]);
});

scenario('a trace that was acknowledged is in the browser after kill -9 and a restart', async ({ spoor, browser }) => {
  const traceId = newTraceId();
  await sendSpans(spoor.addresses.otlpHttp, 'survivor', [jsonSpan({ traceId, name: 'GET /before' })]);
  await spoor.kill9();
  await spoor.restart();
  const page = await browser.newPage();
  await page.goto(`http://${spoor.addresses.queryHttp}/trace/${traceId}`);
  await page.getByRole('treegrid').getByText('GET /before').waitFor();
});
