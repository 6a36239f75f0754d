import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { SpoorError } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
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

const golden = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../../../libs/zipkin/golden', name), 'utf8');
const goldenBytes = (name: string) => Buffer.from(golden(name).replace(/\s/g, ''), 'hex');
afterEach(stopCollectors);

const json = { 'content-type': 'application/json' };

/** A span of the time of the test, as v2 JSON. */
const span = (id: string) => ({ traceId: '1', id, name: 'op', timestamp: NOW_MS * 1000, duration: 5 });

test.each([
  {
    format: 'zipkin_v2_json',
    path: '/api/v2/spans',
    type: 'application/json',
    body: golden('spans.zipkin_json'),
    count: 2,
  },
  { format: 'zipkin_v2_json', path: '/any', type: 'json', body: golden('spans.zipkin_json'), count: 2 },
  { format: 'zipkin_v2_json', path: '/', type: 'text/plain', body: golden('spans.zipkin_json'), count: 2 },
  {
    format: 'zipkin_v2_proto',
    path: '/api/v2/spans',
    type: 'application/x-protobuf',
    body: goldenBytes('spans.zipkin_proto.hex'),
    count: 2,
  },
  {
    format: 'zipkin_v1_json',
    path: '/api/v1/spans',
    type: 'application/json',
    body: golden('spans.v1.json'),
    count: 1,
  },
  {
    format: 'zipkin_v1_thrift',
    path: '/prefix/api/v1/spans?x=y',
    type: 'application/x-thrift',
    body: goldenBytes('list.zipkin_thrift.hex'),
    count: 3,
  },
])('$format at $path as $type', async ({ format, path, type, body, count }) => {
  const producer = keepingProducer();
  const { zipkin, registry } = await startCollector(producer);
  const answer = await post(`${zipkin}${path}`, body, { 'content-type': type });
  expect([answer.status, answer.text]).toEqual([202, '']);
  expect(producer.batches.flatMap(({ bytes }) => decodeTraces(bytes))).toHaveLength(count);
  expect(await registry.metrics()).toContain(
    `spoor_spans_received_total{transport="http",format="${format}"} ${count}`,
  );
});

test.each([
  { headers: {}, isDebug: false },
  { headers: { 'x-b3-flags': '0' }, isDebug: false },
  { headers: { 'x-b3-flags': '1' }, isDebug: true },
])('protobuf with the headers $headers', async ({ headers, isDebug }) => {
  const producer = keepingProducer();
  const { zipkin } = await startCollector(producer);
  const type = { 'content-type': 'application/x-protobuf' };
  const body = goldenBytes('spans.zipkin_proto.hex');
  expect((await post(`${zipkin}/api/v2/spans`, body, { ...type, ...headers })).status).toBe(202);
  for (const { attributes } of producer.batches.flatMap(({ bytes }) => decodeTraces(bytes)))
    expect(attributes.some(({ key, value }) => key === '@jaeger@flags' && value === 2n)).toBe(isDebug);
});

test('a peer that is `true`, as zipkin-js and py_zipkin write it, is taken', async () => {
  const producer = keepingProducer();
  const { zipkin } = await startCollector(producer);
  expect((await post(`${zipkin}/api/v1/spans`, golden('spans.v1.json'), json)).status).toBe(202);
  const [decoded] = producer.batches.flatMap(({ bytes }) => decodeTraces(bytes));
  expect(decoded?.attributes).toContainEqual({ key: 'peer.service', value: 'store' });
});

test('gzip and deflate in both its forms are taken, and what only says that it is compressed', async () => {
  const producer = keepingProducer();
  const { zipkin } = await startCollector(producer);
  const url = `${zipkin}/api/v2/spans`;
  const plain = Buffer.from(JSON.stringify([span('2')]));
  const bodies = [
    ['gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['zlib', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['gzip', plain],
    ['deflate', plain],
  ] as const;
  for (const [encoding, body] of bodies)
    expect((await post(url, body, { ...json, 'content-encoding': encoding })).status).toBe(202);
  expect(producer.batches).toHaveLength(bodies.length);
});

test.each([1, 2])('each span is accepted or rejected, seed %i', async (seed) => {
  const random = randomNumbers(seed);
  const producer = flakyProducer(randomNumbers(seed + 10));
  const { zipkin, registry } = await startCollector(producer);
  let last = 0;
  const requests = Array.from({ length: 40 }, (): GeneratedRequest => {
    const ids = Array.from({ length: 1 + Math.floor(random() * 9) }, (_, at) => {
      last += 1;
      return at > 0 && random() < 0.2 ? '0000000000000000' : last.toString(16).padStart(16, '0');
    });
    const goodSpanIds = ids.filter((id) => id !== '0000000000000000');
    return {
      bytes: Buffer.from(JSON.stringify(ids.map(span))),
      goodSpanIds,
      badSpanCount: ids.length - goodSpanIds.length,
    };
  });
  await checkReceiver(producer, requests, async ({ bytes, badSpanCount }) => {
    const answer = await post(`${zipkin}/api/v2/spans`, bytes, json);
    if (answer.status === 202) return { kind: 'taken', rejectedSpans: badSpanCount };
    expect([429, 503]).toContain(answer.status);
    return { kind: 'retry' };
  });
  const bad = requests.reduce((sum, { badSpanCount }) => sum + badSpanCount, 0);
  expect(await registry.metrics()).toContain(
    `spoor_spans_discarded_total{reason="invalid_span_id",stage="receiver"} ${bad}`,
  );
});

test('what cannot be read, is too large or is refused is told', async () => {
  const { zipkin, registry } = await startCollector(keepingProducer(), { zipkin: { maxBodyBytes: '1KiB' } });
  const url = `${zipkin}/api/v2/spans`;
  const malformed = await post(url, '[{"traceId":"x"}]', json);
  expect([malformed.status, malformed.text]).toEqual([
    400,
    expect.stringContaining('[0].traceId is not a string of up to'),
  ]);
  expect((await post(url, golden('spans.zipkin_json'), { 'content-type': 'application/x-protobuf' })).status).toBe(413);
  expect((await post(url, '{}', { 'content-type': 'application/x-protobuf' })).status).toBe(400);
  expect((await post(url, '[]'.padEnd(2_000), json)).status).toBe(413);
  const bomb = await post(url, gzipSync(Buffer.alloc(100_000, ' ')), { ...json, 'content-encoding': 'gzip' });
  expect(bomb.status).toBe(413);
  const rejected = await post(url, JSON.stringify([{ ...span('2'), timestamp: (NOW_MS + 3e8) * 1000 }]), json);
  expect([rejected.status, rejected.text]).toEqual([400, expect.stringMatching(/^Bad Request: .*invalid_time/)]);
  expect((await fetch(url)).status).toBe(405);
  expect(await registry.metrics()).toContain('spoor_receiver_bytes_in_flight 0');
});

const noId = '0000000000000000';
const v1Span = { traceId: '1', id: noId, name: 'op', timestamp: NOW_MS * 1000, duration: 5 };
test.each([
  { format: 'zipkin_v2_json', path: '/', type: 'application/json', body: JSON.stringify([span(noId)]) },
  { format: 'zipkin_v1_json', path: '/api/v1/spans', type: 'application/json', body: JSON.stringify([v1Span]) },
  {
    format: 'zipkin_v2_proto',
    path: '/',
    type: 'application/x-protobuf',
    body: Buffer.from('0a1c0a10000102030405060708090a0b0c0d0e0f1a080000000000000000', 'hex'),
  },
  {
    format: 'zipkin_v1_thrift',
    path: '/api/v1/spans',
    type: 'application/x-thrift',
    body: Buffer.from('0c000000010a000100000000000000010a0004000000000000000000', 'hex'),
  },
])('what is discarded of $format has its name in the metrics, and what cannot be read its code', async (given) => {
  const { format, path, type, body } = given;
  const { zipkin, registry } = await startCollector(keepingProducer());
  const headers = { 'content-type': type };
  expect((await post(`${zipkin}${path}`, body, headers)).status).toBe(400);
  expect((await post(`${zipkin}${path}`, Buffer.from([0xff, 0xff, 0xff]), headers)).status).toBe(400);
  const lines = (await registry.metrics()).split('\n');
  expect(lines).toContain(`spoor_spans_received_total{transport="http",format="${format}"} 1`);
  expect(lines).toContain('spoor_spans_discarded_total{reason="invalid_span_id",stage="receiver"} 1');
  for (const code of ['SPOOR_INVALID_REQUEST', 'SPOOR_MALFORMED_SPANS'])
    expect(lines).toContain(`spoor_receiver_refused_requests_total{transport="http",code="${code}"} 1`);
});

test('an empty list is taken', async () => {
  const { zipkin } = await startCollector(keepingProducer());
  expect((await post(`${zipkin}/api/v2/spans`, '[]', json)).status).toBe(202);
});

test('a log that is away is told with when to come back, a fault of its own without its text', async () => {
  const failing = (error: Error) =>
    startCollector({
      partitionCount: () => 1,
      append: async () => {
        throw error;
      },
    });
  const body = JSON.stringify([span('2')]);
  const away = await failing(new SpoorError('SPOOR_OVERLOADED', 'full', { retryAfterMs: 1_000 }));
  const answer = await post(`${away.zipkin}/api/v2/spans`, body, json);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1']);
  const broken = await failing(new Error('a secret'));
  const fault = await post(`${broken.zipkin}/api/v2/spans`, body, json);
  expect(fault.status).toBe(503);
  expect(fault.text).not.toContain('a secret');
});

test('pages of allowed origins may send', async () => {
  const { zipkin } = await startCollector(keepingProducer(), {
    zipkin: { cors: { allowedOrigins: ['https://*.example.com'] } },
  });
  const answer = await fetch(`${zipkin}/api/v2/spans`, {
    method: 'OPTIONS',
    headers: { origin: 'https://shop.example.com', 'access-control-request-method': 'POST' },
  });
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example.com');
});
