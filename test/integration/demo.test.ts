import { expect } from 'vitest';
import { logTail, spawnSpoor } from '../harness/index.ts';
import { getJson, parentOf, searchTraces, serviceOf, tagOf, type UiTrace } from '../harness/query-api.ts';
import { scenario } from '../harness/scenario.ts';

const SERVICES = ['cart', 'catalogue', 'checkout', 'frontend', 'payment', 'shipping'];
const MAIN = 'examples/shop/src/main.ts';

scenario('the demo fills Spoor with traces that span its services', async ({ spoor }) => {
  const demo = spawnSpoor({
    main: MAIN,
    args: ['--endpoint', `http://${spoor.addresses.otlpHttp}`, '--requests', '10', '--rate', '50'],
  });
  expect(await demo.ended, logTail(demo)).toBe(0);
  expect(demo.logs().map(({ msg }) => msg)).toContain('The shop is closed after 10 visits; every span was sent.');

  const query = spoor.addresses.queryHttp;
  expect((await getJson<{ data: string[] }>(query, '/api/services')).data.toSorted()).toEqual(SERVICES);

  const checkouts = await searchTraces(query, { service: 'frontend', operation: 'POST /checkout' });
  expect(checkouts.length).toBeGreaterThanOrEqual(3);
  for (const trace of checkouts) {
    const roots = trace.spans.filter((span) => span.references.length === 0);
    expect(roots.map((span) => serviceOf(trace, span))).toEqual(['frontend']);
    // Parents link up, within a service and across: nothing but the root stands alone.
    for (const span of trace.spans.filter((candidate) => candidate !== roots[0]))
      expect(parentOf(trace, span), span.operationName).toBeDefined();
  }
  const paid = checkouts.filter((trace) => new Set(trace.spans.map((span) => serviceOf(trace, span))).size >= 6);
  expect(paid.length).toBeGreaterThan(0);
});

scenario('the demo shows errors, retries, a slow statement and a linked queue', async ({ spoor }) => {
  const demo = spawnSpoor({
    main: MAIN,
    args: ['--endpoint', `http://${spoor.addresses.otlpHttp}`, '--requests', '7'],
  });
  expect(await demo.ended, logTail(demo)).toBe(0);
  const query = spoor.addresses.queryHttp;
  const spansOf = (traces: readonly UiTrace[]) => traces.flatMap(({ spans }) => spans);

  const declined = spansOf(await searchTraces(query, { service: 'payment', tag: 'error:true' }));
  const exceptions = declined.flatMap(({ logs }) => logs.flatMap(({ fields }) => fields));
  expect(exceptions).toContainEqual({ key: 'exception.type', type: 'string', value: 'CardDeclined' });
  expect(exceptions).toContainEqual({ key: 'exception.type', type: 'string', value: 'GatewayTimeout' });

  const retried = spansOf(await searchTraces(query, { service: 'checkout', tag: 'http.request.resend_count:1' }));
  expect(retried.some((span) => tagOf(span, 'http.request.resend_count') === 1)).toBe(true);

  const slow = await searchTraces(query, {
    service: 'catalogue',
    minDuration: '300ms',
    tag: 'db.system.name:postgresql',
  });
  expect(spansOf(slow).some((span) => String(tagOf(span, 'db.query.text')).includes('ILIKE'))).toBe(true);

  const [packing] = await searchTraces(query, { service: 'shipping', operation: 'process orders', limit: '1' });
  const consumer = packing?.spans.find(({ operationName }) => operationName === 'process orders');
  const link = consumer?.references.find(({ refType }) => refType === 'FOLLOWS_FROM');
  const sender = await getJson<{ data: UiTrace[] }>(query, `/api/traces/${link?.traceID}`);
  expect(sender.data[0]?.spans.find(({ spanID }) => spanID === link?.spanID)?.operationName).toBe('send orders');
});

scenario('the demo says what to do when Spoor is not there', async () => {
  const demo = spawnSpoor({
    main: MAIN,
    args: ['--endpoint', 'http://127.0.0.1:1', '--requests', '1'],
  });
  expect(await demo.ended).toBe(1);
  expect(demo.logs().map(({ msg }) => msg)).toContainEqual(
    expect.stringMatching(/Nothing takes spans at http:\/\/127\.0\.0\.1:1 .*Start Spoor with `npm start`/),
  );
});
