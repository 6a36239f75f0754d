import { once } from 'node:events';
import { connect } from 'node:net';
import { SpoorError } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { afterEach, expect, test, vi } from 'vitest';
import { id, MS, NOON, resource, span, TRACE_A, TRACE_SHORT } from '../test/spans.ts';
import { type StartedQuery, startQuery } from '../test/start-query.ts';

let started: StartedQuery | undefined;
afterEach(async () => {
  await started?.stop();
  started = undefined;
});

const SPANS = [
  span({ kind: 'server' }),
  span({ spanId: id(2), parentSpanId: id(1), name: 'SELECT', kind: 'client' }),
  span({ traceId: TRACE_SHORT, name: 'other' }),
];

async function open(...options: Parameters<typeof startQuery>): Promise<StartedQuery> {
  started = await startQuery(...options);
  return started;
}

const TIMES = 'query.startTimeMin=2026-01-31T00:00:00Z&query.startTimeMax=2026-02-01T00:00:00Z';

const STATUS_FILTER = encodeURIComponent(
  '{"op":"gte","args":[{"attr":{"key":"http.status_code"}},{"scalar":{"value":"500"}}]}',
);

test('filters compare attributes as numbers, in version 3 and in the older API', async () => {
  const { get, reader } = await open(SPANS);
  const compared = { key: 'http.status_code', operator: 'gte', value: '500' };
  expect((await get(`/api/v3/trace-summaries?${TIMES}&query.filter=${STATUS_FILTER}`)).status).toBe(200);
  expect((await get(`/api/v3/traces?${TIMES}&query.filter=${STATUS_FILTER}`)).status).toBe(200);
  expect((await get(`/api/traces?service=shop&tag=a:b&filter=${STATUS_FILTER}`)).status).toBe(200);
  expect(reader.queries.map(({ attributes }) => attributes)).toEqual([
    [compared],
    [compared],
    [{ key: 'a', value: 'b' }, compared],
  ]);
});

test('a legacy search reads every parameter', async () => {
  const { get, reader } = await open(SPANS);
  const tags = encodeURIComponent('{"http.status_code":"500","a":"b"}');
  const response = await get(
    `/api/traces?service=shop&operation=op&start=1000&end=2000&minDuration=1.5ms&maxDuration=2s&limit=7&tag=error:true&tag=url:http://x&tags=${tags}&lookback=1h`,
  );
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(reader.queries).toEqual([
    {
      serviceName: 'shop',
      operationName: 'op',
      attributes: [
        { key: 'error', value: 'true' },
        { key: 'url', value: 'http://x' },
        { key: 'http.status_code', value: '500' },
        { key: 'a', value: 'b' },
      ],
      time: { startUnixNano: 1_000_000n, endUnixNano: 2_000_999n },
      minDurationNanos: 1_500_000n,
      maxDurationNanos: 2_000_000_000n,
      limit: 7,
    },
  ]);
});

test('without times and limit a legacy search takes 100 traces of the last 48 hours', async () => {
  const { get, reader } = await open(SPANS);
  await get('/api/traces?service=shop&limit=&minDuration=');
  expect(reader.queries[0]).toEqual({
    serviceName: 'shop',
    attributes: [],
    time: { startUnixNano: NOON - 48n * 3_600_000n * MS, endUnixNano: NOON + 999n },
    limit: 100,
  });
});

test.each([
  ['/api/traces', 400, "parameter 'service' is required"],
  ['/api/operations', 400, "parameter 'service' is required"],
  ['/api/operations?service=s&spanKind=x', 400, "unable to parse param 'spanKind': expected one of"],
  ['/api/traces?service=s&tag=novalue', 400, "malformed 'tag' parameter, expecting key:value, received: novalue"],
  ['/api/traces?service=s&tags=%7B', 400, "malformed 'tags' parameter, cannot unmarshal JSON: "],
  ['/api/traces?service=s&tags=%7B%22a%22:1%7D', 400, "malformed 'tags' parameter, cannot unmarshal JSON: "],
  ['/api/traces?service=s&filter=%7B', 400, "malformed 'filter' parameter"],
  [
    `/api/traces?service=s&filter=${encodeURIComponent('{"op":"gt","args":[{"field":{"level":"span","name":"duration"}},{"scalar":{"value":"1s"}}]}')}`,
    400,
    "parameter 'filter' compares attributes only",
  ],
  ['/api/traces?service=s&limit=many', 400, "unable to parse param 'limit': "],
  ['/api/traces?service=s&limit=-1', 400, "unable to parse param 'limit': "],
  ['/api/traces?service=s&limit=1001', 400, "parameter 'limit' is 1001; the maximum is 1000"],
  ['/api/traces?service=s&start=yesterday', 400, "unable to parse param 'start': "],
  ['/api/traces?service=s&start=2&end=1', 400, "'end' should not be before 'start'"],
  ['/api/traces?service=s&minDuration=5', 400, "unable to parse param 'minDuration': "],
  ['/api/traces?service=s&minDuration=2s&maxDuration=1s', 400, "'maxDuration' should be greater than 'minDuration'"],
  ['/api/traces?service=s&raw=perhaps', 400, "unable to parse param 'raw': "],
  ['/api/traces?traceID=xyz', 400, "malformed 'traceID' parameter: "],
  ['/api/traces/xyz', 400, "malformed 'traceID' parameter: "],
  ['/api/traces/1', 404, 'trace not found'],
  ['/api/dependencies?endTs=x', 400, "unable to parse param 'endTs': "],
])('legacy errors: %s', async (path, status, message) => {
  const { get } = await open(SPANS);
  const response = await get(path);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const body = JSON.parse(await response.text());
  expect(body).toEqual({
    data: null,
    total: 0,
    limit: 0,
    offset: 0,
    errors: [{ code: status, msg: expect.stringContaining(message) }],
  });
});

test('trace ids of a search that are not there are told, those that are there come in their order', async () => {
  const { get } = await open(SPANS);
  const response = await get(`/api/traces?traceID=1&traceID=8448eb211c80319c&traceID=${TRACE_A}&service=ignored`);
  const body = (await response.json()) as { data: { traceID: string; spans: unknown[] }[]; errors: unknown };
  expect(body.data.map(({ traceID, spans }) => [traceID, spans.length])).toEqual([
    ['8448eb211c80319c', 1],
    [TRACE_A, 2],
  ]);
  expect(body.errors).toEqual([{ msg: 'trace not found', traceID: '0000000000000001' }]);
});

test('a search that finds nothing answers with no data and no errors', async () => {
  const { get } = await open([]);
  expect(await (await get('/api/traces?service=s')).json()).toEqual({
    data: [],
    total: 0,
    limit: 0,
    offset: 0,
    errors: null,
  });
});

test('an incomplete answer says so, in each of the APIs', async () => {
  const { get, reader } = await open(SPANS);
  reader.incomplete = 'one store did not answer';
  reader.nextPage = 'p2';
  expect(await (await get('/api/traces?service=shop')).json()).toMatchObject({ errors: [{ msg: reader.incomplete }] });
  expect(await (await get(`/api/v3/trace-summaries?${TIMES}`)).json()).toMatchObject({
    incomplete: reader.incomplete,
    nextPage: 'p2',
  });
  const protobuf = await get(`/api/v3/traces?${TIMES}`, { accept: 'application/x-protobuf' });
  expect(decodeURIComponent(protobuf.headers.get('spoor-incomplete') ?? '')).toBe(reader.incomplete);
  expect(protobuf.headers.get('spoor-next-page')).toBe('p2');
});

test('prettyPrint indents the same answer', async () => {
  const { get } = await open(SPANS);
  for (const path of ['/api/services?x=1', `/api/traces/${TRACE_A}?x=1`, '/api/traces?service=shop']) {
    const plain = await (await get(path)).text();
    const pretty = await (await get(`${path}&prettyPrint=true`)).text();
    expect(pretty).toBe(JSON.stringify(JSON.parse(plain), null, 4));
    expect(pretty).not.toBe(plain);
  }
});

test('raw gives a trace as it is stored', async () => {
  const { get } = await open([span({ parentSpanId: id(77) })]);
  const read = async (path: string) =>
    (await (await get(path)).json()) as { data: { spans: { warnings: unknown }[] }[] };
  expect((await read(`/api/traces/${TRACE_A}`)).data[0]?.spans[0]?.warnings).toHaveLength(1);
  expect((await read(`/api/traces/${TRACE_A}?raw=true`)).data[0]?.spans[0]?.warnings).toBeNull();
});

test('services, their operations, and names with a slash in them', async () => {
  const { get } = await open([...SPANS, span({ resource: resource('a/b c'), name: 'x' })]);
  expect(await (await get('/api/services')).json()).toMatchObject({ data: ['a/b c', 'shop'], total: 2, errors: null });
  expect(await (await get('/api/services/a%2Fb%20c/operations')).json()).toMatchObject({ data: ['x'], total: 1 });
  expect(await (await get('/api/operations?service=shop')).json()).toMatchObject({
    data: [
      { name: 'op', spanKind: 'server' },
      { name: 'SELECT', spanKind: 'client' },
      { name: 'other', spanKind: '' },
    ],
    total: 3,
  });
  expect(await (await get('/api/v3/services')).json()).toEqual({ services: ['a/b c', 'shop'] });
  expect(await (await get('/api/v3/operations?service=shop')).json()).toEqual({
    operations: [
      { name: 'op', spanKind: 'server' },
      { name: 'SELECT', spanKind: 'client' },
      { name: 'other', spanKind: 'internal' },
    ],
  });
});

test('dependencies of one service are those that touch it', async () => {
  const { get, reader } = await open([]);
  reader.links = [
    { parent: 'a', child: 'b', callCount: 2 },
    { parent: 'c', child: 'd', callCount: 3 },
  ];
  expect(await (await get('/api/dependencies')).json()).toMatchObject({ data: reader.links, total: 0 });
  expect(await (await get('/api/dependencies?service=b')).json()).toMatchObject({ data: [reader.links[0]] });
});

test.each([
  [`/api/v3/traces?${TIMES}&query.filter={}`, 400, 'query.filter.op is missing'],
  [`/api/v3/traces?${TIMES}&query.filter={`, 400, "malformed 'query.filter' parameter"],
  [
    `/api/v3/traces?${TIMES}&query.filter=${STATUS_FILTER}&query.serviceName=s`,
    400,
    'the times, the depth and the page',
  ],
  ['/api/v3/traces', 400, "parameters 'query.startTimeMin' and 'query.startTimeMax' are required"],
  ['/api/v3/trace-summaries?query.start_time_min=x', 400, "unable to parse param 'query.startTimeMin'"],
  [`/api/v3/trace-summaries?${TIMES}&query.searchDepth=1001`, 400, 'the maximum is 1000'],
  [`/api/v3/trace-summaries?${TIMES}&query.attributes=[]`, 400, 'is not an object of text to text'],
  [`/api/v3/trace-summaries?${TIMES}&query.durationMin=2s&query.durationMax=1s`, 400, 'must not be less than'],
  ['/api/v3/operations', 400, "parameter 'service' is required"],
  ['/api/v3/traces/zz', 400, 'is not a trace ID'],
  ['/api/v3/traces/1', 404, 'No traces found'],
])('version 3 errors: %s', async (path, status, message) => {
  const { get } = await open(SPANS);
  const response = await get(path);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(await response.json()).toEqual({ error: { httpCode: status, message: expect.stringContaining(message) } });
});

test('a search of version 3 that finds nothing: 404 for traces, {} for summaries', async () => {
  const { get } = await open([]);
  expect((await get(`/api/v3/traces?${TIMES}`)).status).toBe(404);
  expect(await (await get(`/api/v3/trace-summaries?${TIMES}`)).json()).toEqual({});
});

test('summaries leave out what is zero', async () => {
  const { get } = await open(SPANS);
  const { summaries } = (await (await get(`/api/v3/trace-summaries?${TIMES}`)).json()) as { summaries: unknown[] };
  expect(summaries[0]).toEqual({
    traceId: TRACE_A,
    rootServiceName: 'shop',
    rootOperationName: 'op',
    minStartTimeUnixNano: NOON.toString(),
    maxEndTimeUnixNano: (NOON + 10n * MS).toString(),
    spanCount: 2,
    services: [{ name: 'shop', spanCount: 2 }],
  });
});

test('a trace of version 3 is OTLP, as protobuf where that is accepted, and the same as JSON', async () => {
  const { get } = await open(SPANS);
  const protobuf = await get(`/api/v3/traces/${TRACE_A}`, { accept: 'application/x-protobuf' });
  expect(protobuf.headers.get('content-type')).toBe('application/x-protobuf');
  expect(decodeTraces(new Uint8Array(await protobuf.arrayBuffer()))).toEqual(SPANS.slice(0, 2));
  const json = (await (await get(`/api/v3/traces/${TRACE_A}`)).json()) as {
    result: { resourceSpans: { scopeSpans: { spans: { traceId: string; spanId: string; kind: number }[] }[] }[] };
  };
  expect(json.result.resourceSpans[0]?.scopeSpans[0]?.spans).toMatchObject([
    { traceId: TRACE_A, spanId: id(1), kind: 2 },
    { traceId: TRACE_A, spanId: id(2), kind: 3, parentSpanId: id(1) },
  ]);
});

test('a trace of many chunks arrives whole in every form', async () => {
  const many = Array.from({ length: 5_001 }, (_, index) => span({ spanId: id(index + 1) }));
  const { get } = await open(many);
  const protobuf = await get(`/api/v3/traces/${TRACE_A}`, { accept: 'application/x-protobuf' });
  expect(decodeTraces(new Uint8Array(await protobuf.arrayBuffer()))).toHaveLength(5_001);
  const legacy = (await (await get(`/api/traces/${TRACE_A}`)).json()) as { data: { spans: unknown[] }[] };
  expect(legacy.data[0]?.spans).toHaveLength(5_001);
  const json = (await (await get(`/api/v3/traces/${TRACE_A}`)).json()) as {
    result: { resourceSpans: { scopeSpans: { spans: unknown[] }[] }[] };
  };
  const spans = json.result.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  expect(spans).toHaveLength(5_001);
});

test('a trace beyond the limit is cut and says so', async () => {
  const { get } = await open(
    [1, 2, 3].map((number) => span({ spanId: id(number) })),
    { maxTraceSpans: 2 },
  );
  const { data } = (await (await get(`/api/traces/${TRACE_A}`)).json()) as {
    data: { spans: { warnings: unknown }[] }[];
  };
  expect(data[0]?.spans).toHaveLength(2);
  expect(data[0]?.spans[0]?.warnings).toEqual([expect.stringContaining('more than 2 spans')]);
});

test('a store that fails is told with its status; one that fails in the middle breaks the answer off', async () => {
  const many = Array.from({ length: 5_001 }, (_, index) => span({ spanId: id(index + 1) }));
  const { get, reader } = await open(many);
  reader.failure = new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the store is away');
  for (const path of ['/api/services', `/api/traces/${TRACE_A}`, `/api/v3/traces/${TRACE_A}`]) {
    const response = await get(path);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('the store is away');
  }
  // The first of two traces is out when the second fails: the client must not take half for the whole.
  reader.spans.push(span({ traceId: TRACE_SHORT }));
  reader.failOn = TRACE_SHORT;
  const response = await get('/api/traces?service=shop');
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
});

test('a client that goes away aborts what is read for it', async () => {
  const { reader, url } = await open(SPANS);
  reader.gate = new Promise(() => undefined);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(`GET /api/traces/${TRACE_A} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await vi.waitFor(() => expect(reader.waiting).toBe(1));
  socket.destroy();
  await vi.waitFor(() => expect(reader.aborted).toHaveLength(1));
});

test('an answer that takes longer than the deadline is a 504', async () => {
  const { get, reader } = await open(SPANS, { requestTimeout: 20 });
  reader.gate = new Promise(() => undefined);
  const response = await get(`/api/v3/traces/${TRACE_A}`);
  expect(response.status).toBe(504);
  expect(reader.aborted).toHaveLength(1);
});

test('transform makes Jaeger JSON of OTLP JSON', async () => {
  const { url } = await open([]);
  const otlp = { traceId: TRACE_A, spanId: id(1), name: 'posted', startTimeUnixNano: '1000', endTimeUnixNano: '3000' };
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [otlp] }] }] });
  const response = await fetch(`${url}/api/transform`, { method: 'POST', body });
  expect(await response.json()).toMatchObject({
    data: [{ traceID: TRACE_A, spans: [{ operationName: 'posted', startTime: 1, duration: 2 }] }],
  });
  for (const bad of ['{', '', '[]x']) {
    const refused = await fetch(`${url}/api/transform`, { method: 'POST', body: bad });
    expect(refused.status).toBe(400);
  }
});

test('paths and methods that are not there', async () => {
  const { get, url } = await open(SPANS);
  const unknown = await get('/api/alerts');
  expect([unknown.status, await unknown.text()]).toEqual([404, '404 page not found\n']);
  const wrongMethod = await fetch(`${url}/api/v3/services`, { method: 'DELETE' });
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  expect((await fetch(`${url}/api/v3/traces`, { method: 'POST' })).status).toBe(405);
  const options = await fetch(`${url}/api/services`, { method: 'OPTIONS' });
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
  const head = await fetch(`${url}/api/traces/${TRACE_A}`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('requests are counted and timed by operation and result', async () => {
  const { get, metrics } = await open(SPANS);
  await (await get('/api/services')).text();
  await (await get('/api/v3/services')).text();
  await (await get('/api/traces')).text();
  await vi.waitFor(async () => {
    const text = await metrics.metrics();
    expect(text).toContain('spoor_query_requests_total{operation="get_services",result="ok"} 2');
    expect(text).toContain('spoor_query_requests_total{operation="find_traces",result="error"} 1');
    expect(text).toContain('spoor_query_request_duration_seconds_count{operation="get_services",result="ok"} 2');
  });
});

test('answers are compressed for clients that accept it', async () => {
  const many = Array.from({ length: 100 }, (_, index) => span({ spanId: id(index + 1) }));
  const { get } = await open(many);
  const response = await get(`/api/traces/${TRACE_A}`, { 'accept-encoding': 'gzip' });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(await response.json()).toMatchObject({ total: 0 });
});
