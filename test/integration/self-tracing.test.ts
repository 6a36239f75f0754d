import { expect, test } from 'vitest';
import { startAllInOne } from '../harness/all-in-one.ts';
import { sdkApplication } from '../harness/otel-sdk.ts';
import { getJson, parentOf, searchTraces, tagOf } from '../harness/query-api.ts';

const ALL = {
  SPOOR_TRACING_ENABLED: 'true',
  SPOOR_TRACING_REQUEST_RATIO: '1',
  SPOOR_TRACING_DELIVERY_RATIO: '1',
  SPOOR_TRACING_QUERY_RATIO: '0',
};

/** The names of all spans that Spoor told of itself. */
async function ownSpans(address: string): Promise<string[]> {
  const traces = await searchTraces(address, { service: 'spoor', limit: '100' });
  return traces.flatMap(({ spans }) => spans.map(({ operationName }) => operationName)).sort();
}

test('it traces requests and deliveries, and what it tells of itself causes nothing more', async () => {
  await using spoor = await startAllInOne({ env: ALL });
  const { queryHttp } = spoor.addresses;
  const received = async () => (await spoor.metrics()).sum('spoor_spans_received_total');
  await using app = sdkApplication('http/protobuf', spoor.addresses, 'shop');
  app.tracer.startSpan('order').end();
  await app.flush();
  const expected = ['append spans to the log', 'write spans to the storage'];
  await expect.poll(() => ownSpans(queryHttp), { timeout: 20_000 }).toEqual(expected);

  // Each further order is a request and a delivery of its own; had those of Spoor's own traces been traced as well, there
  // would be more, since each of them was long stored when the next order came.
  for (const count of [2, 3]) {
    app.tracer.startSpan('order').end();
    await app.flush();
    const all = expected.flatMap((name) => Array.from({ length: count }, () => name));
    await expect.poll(() => ownSpans(queryHttp), { timeout: 20_000 }).toEqual(all);
  }
  // Three orders, and two spans about each: nothing else was ever received, traced or not.
  expect(await received()).toBe(9);
});

test('it traces queries with what they ask of the storage, under the trace of whoever asks', async () => {
  await using spoor = await startAllInOne({ env: { SPOOR_TRACING_ENABLED: 'true' } });
  const { queryHttp } = spoor.addresses;
  const traceId = '5'.repeat(32);
  const headers = { traceparent: `00-${traceId}-${'6'.repeat(16)}-01` };
  expect((await fetch(`http://${queryHttp}/api/services`, { headers })).status).toBe(200);
  const found = async () =>
    (await searchTraces(queryHttp, { service: 'spoor', limit: '100' })).find((trace) => trace.traceID === traceId);
  await expect.poll(found, { timeout: 20_000 }).toBeDefined();
  const trace = (await found())!;
  const named = (name: string) => trace.spans.find(({ operationName }) => operationName === name)!;
  expect(parentOf(trace, named('storage getServices'))).toMatchObject({ operationName: 'query get_services' });
  expect(tagOf(named('query get_services'), 'http.response.status_code')).toBe(200);
});

test.each([
  { env: {}, why: 'by default' },
  { env: { ...ALL, OTEL_TRACES_SAMPLER: 'always_off' }, why: 'with the sampler always_off' },
])('it does not trace itself $why', async ({ env }) => {
  await using spoor = await startAllInOne({ env });
  await using app = sdkApplication('http/protobuf', spoor.addresses, 'shop');
  app.tracer.startSpan('order').end();
  await app.flush();
  expect(await getJson(spoor.addresses.queryHttp, '/api/services')).toMatchObject({ data: ['shop'] });
  expect(spoor.logs().map(({ msg }) => msg)).not.toContain('this process traces its own work');
});
