import { expect, test } from 'vitest';
import { type AllInOne, startAllInOne } from '../harness/all-in-one.ts';
import { type JsonSpan, jsonRequest, jsonSpan } from '../harness/otlp-json.ts';
import { getMetrics } from '../harness/query-api.ts';
import { scenario } from '../harness/scenario.ts';

const MINUTE_MS = 60_000;
const SERVER = 2;
const CLIENT = 3;
const FAILED = { code: 2 };

/** The beginning of a minute ten minutes ago, so that all of the test lies in minutes that are over. */
const BEGIN_MS = (Math.floor(Date.now() / MINUTE_MS) - 10) * MINUTE_MS;

/** A call that starts so many milliseconds after the beginning. */
function call(name: string, afterMs: number, durationMs: number, given: Partial<JsonSpan> = {}): JsonSpan {
  const start = BigInt(BEGIN_MS + afterMs) * 1_000_000n;
  return jsonSpan({
    name,
    kind: SERVER,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(durationMs) * 1_000_000n),
    ...given,
  });
}

async function send(spoor: AllInOne, service: string, spans: readonly JsonSpan[], headers = {}): Promise<void> {
  const response = await fetch(`http://${spoor.addresses.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(jsonRequest(service, spans)),
  });
  expect([response.status, await response.json()]).toEqual([200, { partialSuccess: {} }]);
}

/** The first, second and third minute, each by itself. */
const MINUTES = `endTs=${BEGIN_MS + 3 * MINUTE_MS}&lookback=${2 * MINUTE_MS}&step=${MINUTE_MS}&ratePer=${MINUTE_MS}`;

const near = (ms: number) => ({
  asymmetricMatch: (value: unknown) =>
    typeof value === 'number' && value / ms < 1.0906 && ms / value < 1.0906 && Number.isFinite(value),
});

scenario('calls, errors and latencies of what was sent, also after a restart', async ({ spoor }) => {
  await send(spoor, 'shop', [
    ...Array.from({ length: 9 }, (_, index) => call('GET /orders', index * 6_000, 20)),
    call('GET /orders', 59_999, 2_000, { status: FAILED }),
    call('POST /orders', 61_000, 300),
    call('POST /orders', 62_000, 300, { status: FAILED }),
    call('SELECT', 3_000, 5, { kind: CLIENT }),
    call('GET /orders', -1, 20),
    call('GET /orders', 180_000, 20),
  ]);
  await send(spoor, 'stock', [call('reserve', 121_000, 40)]);
  const answersAreRight = async () => {
    expect(await getMetrics(spoor.addresses.queryHttp, `calls?service=shop&service=stock&${MINUTES}`)).toEqual({
      name: 'service_call_rate',
      series: [
        ['shop', 10 / 60, 2 / 60, 0],
        ['stock', 0, 0, 1 / 60],
      ],
    });
    expect(
      await getMetrics(spoor.addresses.queryHttp, `errors?service=stock&service=shop&groupByOperation=true&${MINUTES}`),
    ).toEqual({
      name: 'service_operation_error_rate',
      series: [
        ['shop GET /orders', 0.1, 'NaN', 'NaN'],
        ['shop POST /orders', 'NaN', 0.5, 'NaN'],
        ['stock reserve', 'NaN', 'NaN', 0],
      ],
    });
    expect(
      await getMetrics(
        spoor.addresses.queryHttp,
        `latencies?service=shop&quantile=0.5&spanKind=server&spanKind=client&${MINUTES}`,
      ),
    ).toEqual({
      name: 'service_latencies',
      series: [['shop', near(20), near(300), 'NaN']],
    });
    expect(
      (await getMetrics(spoor.addresses.queryHttp, `latencies?service=shop&quantile=0.99&${MINUTES}`)).series,
    ).toEqual([['shop', near(2_000), near(300), 'NaN']]);
    const threeMinutes = `endTs=${BEGIN_MS + 3 * MINUTE_MS}&lookback=0&ratePer=${3 * MINUTE_MS}`;
    expect((await getMetrics(spoor.addresses.queryHttp, `calls?service=shop&${threeMinutes}`)).series).toEqual([
      ['shop', 12 / 180],
    ]);
  };
  await answersAreRight();
  await spoor.kill9();
  await spoor.restart();
  await answersAreRight();
});

test('each tenant sees its own', async () => {
  await using spoor = await startAllInOne({ env: { SPOOR_TENANCY_ENABLED: 'true' } });
  const [acme, other] = ['acme', 'other'].map((tenant) => ({ 'x-tenant': tenant }));
  await send(spoor, 'shop', [call('GET /', 1_000, 20)], acme);
  await send(spoor, 'shop', [call('GET /', 1_000, 20), call('GET /', 62_000, 20)], other);
  expect((await getMetrics(spoor.addresses.queryHttp, `calls?service=shop&${MINUTES}`, acme)).series).toEqual([
    ['shop', 1 / 60, 0, 0],
  ]);
  expect((await getMetrics(spoor.addresses.queryHttp, `calls?service=shop&${MINUTES}`, other)).series).toEqual([
    ['shop', 1 / 60, 1 / 60, 0],
  ]);
  const nobody = await fetch(`http://${spoor.addresses.queryHttp}/api/metrics/calls?service=shop`);
  expect(nobody.status).toBe(401);
});
