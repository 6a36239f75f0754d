import { SpoorError } from '@spoor/model';
import { afterEach, expect, test } from 'vitest';
import { MemoryMetrics } from '../test/memory-metrics.ts';
import { MS, NOON, resource, span } from '../test/spans.ts';
import { type StartedQuery, startQuery } from '../test/start-query.ts';

const NOON_MS = Number(NOON / MS);
const MINUTE = 60_000;
const NOON_MINUTE = NOON_MS / MINUTE;

let started: StartedQuery | undefined;
afterEach(async () => {
  await started?.stop();
  started = undefined;
});

async function open(...[serviceMetrics, dependencies]: [MemoryMetrics?, Parameters<typeof startQuery>[2]?]) {
  started = await startQuery([], {}, { serviceMetrics, ...dependencies });
  return started;
}

interface Family {
  readonly name: string;
  readonly metrics: readonly {
    readonly labels: readonly { readonly name: string; readonly value: string }[];
    readonly metricPoints: readonly { readonly gaugeValue: { doubleValue: number | 'NaN' }; timestamp: string }[];
  }[];
}

async function ask(path: string): Promise<Family> {
  const response = await started!.get(path);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  return JSON.parse(text) as Family;
}

const valuesOf = ({ metrics }: Family) =>
  metrics.map(({ metricPoints }) => metricPoints.map(({ gaugeValue }) => gaugeValue.doubleValue));

/** A call of a server that starts so many seconds before noon. */
const before = (seconds: number, overrides: Parameters<typeof span>[0] = {}) =>
  span({ kind: 'server', startTimeUnixNano: NOON - BigInt(seconds) * 1_000n * MS, ...overrides });

test('without parameters it is the calls of servers in the last hour, each 5 seconds, over 10 minutes', async () => {
  const metrics = new MemoryMetrics([before(1), before(30 * 60), before(20, { kind: 'client' })]);
  await open(metrics);
  const family = await ask('/api/metrics/calls?service=shop&endTs=&spanKind=');
  expect(metrics.queries).toEqual([
    {
      tenant: 'default',
      services: ['shop'],
      spanKinds: ['server'],
      firstMinute: NOON_MINUTE - 70,
      lastMinute: NOON_MINUTE - 1,
    },
  ]);
  const points = family.metrics[0]!.metricPoints;
  expect(points).toHaveLength(721);
  expect(points[0]!.timestamp).toBe('2026-01-31T11:00:00Z');
  expect(points[1]!.timestamp).toBe('2026-01-31T11:00:05Z');
  const at = (time: string) => points.find(({ timestamp }) => timestamp === `2026-01-31T${time}Z`)!.gaugeValue;
  expect(at('11:30:55')).toEqual({ doubleValue: 0 });
  expect(at('11:31:00')).toEqual({ doubleValue: 1 / 600 });
  expect(at('11:40:55')).toEqual({ doubleValue: 1 / 600 });
  expect(at('11:41:00')).toEqual({ doubleValue: 0 });
  expect(at('11:59:55')).toEqual({ doubleValue: 0 });
  expect(at('12:00:00')).toEqual({ doubleValue: 1 / 600 });
});

test('the minute that fills does not count yet, and of times to come there are no points', async () => {
  const spans = [60, 40, 1, 0, -10, -20].map((seconds) => before(seconds));
  await open(new MemoryMetrics(spans), { clock: { nowMs: () => NOON_MS + 30_000 } });
  const family = await ask(
    `/api/metrics/calls?service=shop&endTs=${NOON_MS + 90_000}&lookback=180000&step=30000&ratePer=60000`,
  );
  expect(family.metrics[0]!.metricPoints.map(({ timestamp }) => timestamp.slice(11, 19))).toEqual([
    '11:58:30',
    '11:59:00',
    '11:59:30',
    '12:00:00',
    '12:00:30',
  ]);
  expect(valuesOf(family)).toEqual([[0, 0, 0, 3 / 60, 3 / 60]]);
  expect(valuesOf(await ask(`/api/metrics/calls?service=shop&endTs=${NOON_MS + 600_000}&lookback=60000`))).toEqual([]);
});

test('points between minutes and windows of half minutes use whole minutes', async () => {
  await open(new MemoryMetrics([before(150), before(100), before(90), before(1)]));
  const asked = (ratePer: number) =>
    ask(`/api/metrics/calls?service=shop&endTs=${NOON_MS - 1}&lookback=0&ratePer=${ratePer}`);
  expect(valuesOf(await asked(1))).toEqual([[2 / 60]]);
  expect(valuesOf(await asked(60_000))).toEqual([[2 / 60]]);
  expect(valuesOf(await asked(60_001))).toEqual([[3 / 120]]);
  expect((await asked(1)).metrics[0]!.metricPoints[0]!.timestamp).toBe('2026-01-31T11:59:59.999Z');
});

test('a service without errors has a series of zeros, one without calls has none', async () => {
  const error = { code: 'error', message: '' } as const;
  const spans = [
    before(100),
    before(101),
    before(102, { status: error }),
    before(30, { resource: resource('calm') }),
    before(31, { resource: resource('busy'), kind: 'client', status: error }),
  ];
  await open(new MemoryMetrics(spans));
  const family = await ask(
    '/api/metrics/errors?service=shop&service=calm&service=busy&lookback=120000&step=60000&ratePer=60000',
  );
  expect(family.name).toBe('service_error_rate');
  expect(family.metrics.map(({ labels }) => labels)).toEqual([
    [{ name: 'service_name', value: 'calm' }],
    [{ name: 'service_name', value: 'shop' }],
  ]);
  expect(valuesOf(family)).toEqual([
    ['NaN', 'NaN', 0],
    ['NaN', 1 / 3, 'NaN'],
  ]);
});

test('names with all that JSON escapes, sorted; the operations of several kinds are one', async () => {
  const names = ['b', 'a "quoted"\n\\', 'é', 'B'];
  const spans = names.flatMap((name) => [before(10, { name }), before(20, { name, kind: 'client' })]);
  await open(new MemoryMetrics(spans));
  const family = await ask(
    '/api/metrics/latencies?service=shop&quantile=.5&groupByOperation=1&spanKind=client&spanKind=server&lookback=0',
  );
  expect(family.name).toBe('service_operation_latencies');
  expect(family.metrics.map(({ labels }) => labels[1])).toEqual(
    ['B', 'a "quoted"\n\\', 'b', 'é'].map((value) => ({ name: 'operation', value })),
  );
  for (const [value] of valuesOf(family)) {
    expect(value).toBeGreaterThan(10 / 1.0906);
    expect(value).toBeLessThan(10 * 1.0906);
  }
});

test('a quantile beyond 0 and 1 is an infinity, as PromQL has it', async () => {
  await open(new MemoryMetrics([before(10)]));
  const asked = async (quantile: string) =>
    valuesOf(await ask(`/api/metrics/latencies?service=shop&lookback=0&quantile=${encodeURIComponent(quantile)}`));
  expect(await asked('1.5')).toEqual([['Infinity']]);
  expect(await asked('-1e-3')).toEqual([['-Infinity']]);
});

test('prettyPrint indents the same answer', async () => {
  await open(new MemoryMetrics([before(10)]));
  for (const path of ['/api/metrics/errors?service=shop', '/api/metrics/minstep?x=1']) {
    const plain = await (await started!.get(path)).text();
    const pretty = await (await started!.get(`${path}&prettyPrint=true`)).text();
    expect(pretty).toBe(JSON.stringify(JSON.parse(plain), null, 4));
  }
});

test('each tenant is answered from its own', async () => {
  const metrics = new MemoryMetrics();
  const tenancy = {
    fromHttpHeaders: (headers: Readonly<Record<string, unknown>>) => String(headers['x-tenant']),
    fromGrpcMetadata: () => 'nobody',
  };
  const { get } = await open(metrics, { tenancy });
  await get('/api/metrics/calls?service=shop', { 'x-tenant': 'acme' });
  expect(metrics.queries.map(({ tenant }) => tenant)).toEqual(['acme']);
});

const latencies = (query: string) => `/api/metrics/latencies?service=shop&${query}`;
const manyServices = (count: number) => Array.from({ length: count }, (_, index) => `service=s${index}`).join('&');

test.each([
  ['/api/metrics/calls', "unable to parse param 'service': please provide at least one service name"],
  ['/api/metrics/calls?service=', "unable to parse param 'service': "],
  ['/api/metrics/latencies?service=shop', "unable to parse param 'quantile': "],
  [latencies('quantile=high'), `unable to parse param 'quantile': expected a number, got "high"`],
  [latencies('quantile=0x1'), "unable to parse param 'quantile': "],
  [latencies('quantile=0.5&groupByOperation=perhaps'), "unable to parse param 'groupByOperation': "],
  [latencies('quantile=0.5&spanKind=server&spanKind=x'), "unable to parse param 'spanKind': expected one of"],
  [latencies('quantile=0.5&endTs=now'), "unable to parse param 'endTs': "],
  [latencies('quantile=0.5&lookback=1h'), "unable to parse param 'lookback': "],
  [latencies('quantile=0.5&step=0'), "unable to parse param 'step': "],
  [latencies('quantile=0.5&ratePer=0'), "unable to parse param 'ratePer': "],
  [latencies('quantile=0.5&step=1'), "parameter 'step' is 1, which makes 3600001 points"],
  [latencies('quantile=0.5&lookback=2678400001'), "parameter 'lookback' is 2678400001 ms; the maximum is 2678400000"],
  [latencies('quantile=0.5&ratePer=43200001'), "parameter 'ratePer' is 43200001 ms; the maximum is 43200000"],
  [
    `/api/metrics/calls?${manyServices(73)}`,
    "parameter 'ratePer' is 600000 ms, with 73 services; the maximum is 540000",
  ],
  [
    `/api/metrics/calls?${manyServices(20)}&lookback=360000000`,
    "parameter 'lookback' is 360000000 ms, with 20 services",
  ],
  [`/api/metrics/calls?${manyServices(101)}`, "parameter 'service' names 101 services; it may name 100"],
])('%s is refused', async (path, message) => {
  const metrics = new MemoryMetrics();
  const { get } = await open(metrics);
  const response = await get(path);
  expect(response.status).toBe(400);
  const body = JSON.parse(await response.text());
  expect(body).toMatchObject({ data: null, errors: [{ code: 400, msg: expect.stringContaining(message) }] });
  expect(metrics.queries).toEqual([]);
});

test('the step that a refusal asks for is taken', async () => {
  const { get } = await open(new MemoryMetrics());
  const lookback = 31 * 24 * 60 * MINUTE;
  const refused = await (await get(`/api/metrics/calls?service=shop&lookback=${lookback}&step=1000`)).text();
  const step = Number(/give at least (\d+)/.exec(refused)?.[1]);
  expect((await get(`/api/metrics/calls?service=shop&lookback=${lookback}&step=${step}`)).status).toBe(200);
  expect((await get(`/api/metrics/calls?service=shop&lookback=${lookback}&step=${step - 1}`)).status).toBe(400);
});

test('an answer that would be too large is refused while it is counted', async () => {
  const spans = Array.from({ length: 400 }, (_, index) => before(90, { name: `GET /orders/${index}` }));
  const { get } = await open(new MemoryMetrics(spans));
  const path = '/api/metrics/calls?service=shop&lookback=10000000&step=1000';
  const refused = await get(`${path}&groupByOperation=true`);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain("give a longer 'step', or no 'groupByOperation'");
  expect((await get(path)).status).toBe(200);
});

test.each(['calls?service=shop', 'errors?service=shop', 'latencies?service=shop&quantile=0.5', 'minstep'])(
  'a store without metrics answers %s with 501',
  async (path) => {
    const { get } = await open();
    const response = await get(`/api/metrics/${path}`);
    expect(response.status).toBe(501);
    expect(JSON.parse(await response.text())).toMatchObject({ data: null, errors: [{ code: 501 }] });
  },
);

test('trouble of the store is told', async () => {
  const metrics = new MemoryMetrics();
  metrics.failure = new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'no host answers');
  const { get } = await open(metrics);
  const response = await get('/api/metrics/calls?service=shop');
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('no host answers');
});
