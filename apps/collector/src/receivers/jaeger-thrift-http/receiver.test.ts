import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SpoorError } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { binaryProtocol, compactProtocol, type ThriftField, type ThriftValue, TYPES } from '@spoor/thrift';
import { afterEach, expect, test } from 'vitest';
import {
  keepingProducer,
  NOW_MS,
  post,
  randomNumbers,
  startCollector,
  stopCollectors,
} from '../../test/start-collector.ts';
import { checkReceiver, flakyProducer, type GeneratedRequest } from '../intake/contract.ts';

afterEach(stopCollectors);

const thrift = { 'content-type': 'application/x-thrift' };
const golden = readFileSync(
  join(import.meta.dirname, '../../../../../libs/jaeger/golden/batch.thrift_binary.hex'),
  'utf8',
);
const GOLDEN = Buffer.from(golden.replace(/\s/g, ''), 'hex');

function batchOf(spanIds: readonly bigint[], encode = binaryProtocol.encode): Buffer {
  const i64 = (value: bigint): ThriftValue => ({ type: TYPES.i64, value });
  const spans = spanIds.map((spanId): ThriftValue => {
    const value: ThriftField[] = [
      [1, i64(1n)],
      [2, i64(2n)],
      [3, i64(spanId)],
      [4, i64(0n)],
      [5, { type: TYPES.string, value: 'op' }],
      [7, { type: TYPES.i32, value: 1 }],
      [8, i64(BigInt(NOW_MS) * 1000n)],
      [9, i64(5n)],
    ];
    return { type: TYPES.struct, value };
  });
  return encode({
    type: TYPES.struct,
    value: [
      [1, { type: TYPES.struct, value: [[1, { type: TYPES.string, value: 'shop' }]] }],
      [2, { type: TYPES.list, elementType: TYPES.struct, value: spans }],
    ],
  });
}

test('the golden batch is taken, counted and handed on whole', async () => {
  const producer = keepingProducer();
  const { thriftHttp, registry } = await startCollector(producer);
  for (const type of ['application/x-thrift', 'Application/vnd.apache.thrift.binary; charset=utf-8']) {
    const answer = await post(`${thriftHttp}/api/traces?format=jaeger.thrift`, GOLDEN, { 'content-type': type });
    expect([answer.status, answer.text]).toEqual([202, '']);
  }
  const spans = producer.batches.flatMap(({ bytes }) => decodeTraces(bytes));
  expect(spans.map(({ name }) => name)).toEqual(['op', 'root', 'op', 'root']);
  expect(spans[0]).toMatchObject({
    traceId: '000102030405060708090a0b0c0d0e0f',
    parentSpanId: '2021222324252627',
    status: { code: 'error' },
  });
  expect(await registry.metrics()).toContain('spoor_spans_received_total{transport="http",format="jaeger_thrift"} 4');
});

test.each([1, 2])('each span is accepted or rejected, seed %i', async (seed) => {
  const random = randomNumbers(seed);
  const producer = flakyProducer(randomNumbers(seed + 10));
  const { thriftHttp, registry } = await startCollector(producer);
  let last = 0n;
  const requests = Array.from({ length: 40 }, (): GeneratedRequest => {
    const ids = Array.from({ length: 1 + Math.floor(random() * 9) }, (_, at) => {
      last += 1n;
      return at > 0 && random() < 0.2 ? 0n : last;
    });
    const good = ids.filter((id) => id !== 0n);
    return {
      bytes: batchOf(ids),
      goodSpanIds: good.map((id) => id.toString(16).padStart(16, '0')),
      badSpanCount: ids.length - good.length,
    };
  });
  await checkReceiver(producer, requests, async ({ bytes, badSpanCount }) => {
    const answer = await post(`${thriftHttp}/api/traces`, bytes, thrift);
    if (answer.status === 202) return { kind: 'taken', rejectedSpans: badSpanCount };
    expect([429, 503]).toContain(answer.status);
    expect(answer.text).toContain('Cannot submit Jaeger batch: ');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    return { kind: 'retry' };
  });
  const bad = requests.reduce((sum, { badSpanCount }) => sum + badSpanCount, 0);
  expect(await registry.metrics()).toContain(
    `spoor_spans_discarded_total{reason="invalid_span_id",stage="receiver"} ${bad}`,
  );
});

test.each([
  { type: undefined, status: 400, text: 'Cannot parse content type: mime: no media type' },
  { type: 'thrift', status: 400, text: 'Cannot parse content type: ' },
  { type: 'application/json', status: 400, text: 'Unsupported content type: application/json' },
])('the content type $type is told in the words that are known', async ({ type, status, text }) => {
  const { thriftHttp } = await startCollector(keepingProducer());
  const answer = await fetch(`${thriftHttp}/api/traces`, {
    method: 'POST',
    body: GOLDEN as BodyInit,
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  });
  expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(text)]);
});

test('what is no batch, too large or compact is told where and why', async () => {
  const { thriftHttp, registry } = await startCollector(keepingProducer(), { thriftHttp: { maxBodyBytes: '1KiB' } });
  const url = `${thriftHttp}/api/traces`;
  const cut = await post(url, GOLDEN.subarray(0, 100), thrift);
  expect([cut.status, cut.text]).toEqual([
    400,
    expect.stringMatching(/^Unable to process request body: not a Jaeger Batch: at byte \d+, /),
  ]);
  expect((await post(url, batchOf([1n], compactProtocol.encode), thrift)).status).toBe(400);
  expect((await post(url, Buffer.alloc(2_000), thrift)).status).toBe(413);
  const bomb = await post(url, gzipSync(Buffer.alloc(100_000)), { ...thrift, 'content-encoding': 'gzip' });
  expect(bomb.status).toBe(413);
  expect(await registry.metrics()).toMatch(
    /spoor_receiver_refused_requests_total\{transport="http",code="SPOOR_MALFORMED_SPANS"\} 2/,
  );
  expect(await registry.metrics()).toContain('spoor_receiver_bytes_in_flight 0');
});

test('other methods and paths are told so', async () => {
  const { thriftHttp } = await startCollector(keepingProducer());
  expect((await fetch(`${thriftHttp}/api/traces`)).status).toBe(405);
  expect((await post(`${thriftHttp}/elsewhere`, 'x', thrift)).status).toBe(404);
});

test('a batch none of whose spans is right is refused', async () => {
  const { thriftHttp } = await startCollector(keepingProducer());
  const answer = await post(`${thriftHttp}/api/traces`, batchOf([0n]), thrift);
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('invalid_span_id')]);
});

test('the tenant comes from its header, and a log that is away is told with when to come back', async () => {
  const producer = keepingProducer();
  const { thriftHttp } = await startCollector(producer, { tenancy: { enabled: true } });
  const url = `${thriftHttp}/api/traces`;
  expect((await post(url, GOLDEN, thrift)).status).toBe(401);
  expect((await post(url, GOLDEN, { ...thrift, 'x-tenant': 'acme' })).status).toBe(202);
  expect(producer.batches.map(({ tenant }) => tenant)).toEqual(['acme']);
  const away = await startCollector({
    partitionCount: () => 1,
    append: async () => {
      throw new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', 'Kafka is away', { retryAfterMs: 2_500 });
    },
  });
  const answer = await post(`${away.thriftHttp}/api/traces`, GOLDEN, thrift);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3']);
  expect(answer.text).toBe('Cannot submit Jaeger batch: Kafka is away\n');
});
