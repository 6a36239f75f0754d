import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { join } from 'node:path';
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { credentials, Metadata, makeGenericClientConstructor, status } from '@grpc/grpc-js';
import { decodeTraces, encodeTraces, tracesToJson } from '@spoor/otlp';
import { createTenancy, tenancyConfig } from '@spoor/service';
import type { SpanLogProducer } from '@spoor/span-log';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { createSpanGenerator } from '../../../../../test/fixtures/spans.ts';
import { type Collector, createCollector } from '../../collector.ts';
import { collectorConfig } from '../../config.ts';
import { type Answer, checkReceiver, flakyProducer, type GeneratedRequest } from '../intake/contract.ts';

const started: Collector[] = [];

afterEach(async () => {
  for (const collector of started.splice(0)) await collector.stop(AbortSignal.abort());
});

const nowMs = Date.parse('2026-01-02T00:00:00Z');

interface Running {
  readonly url: string;
  readonly grpc: string;
  readonly registry: Registry;
  readonly collector: Collector;
}

async function startCollector(
  producer: SpanLogProducer,
  overrides: Record<string, unknown> = {},
  http: Record<string, unknown> = {},
): Promise<Running> {
  const registry = new Registry();
  const collector = createCollector(
    collectorConfig.parse({
      ...overrides,
      otlp: { http: { endpoint: '127.0.0.1:0', ...http }, grpc: { endpoint: '127.0.0.1:0' } },
      jaeger: { grpc: { enabled: false }, thriftHttp: { enabled: false } },
      zipkin: { enabled: false },
    }),
    {
      producer,
      tenancy: createTenancy(tenancyConfig.parse(undefined)),
      clock: { nowMs: () => nowMs },
      logger: pino({ level: 'silent' }),
      metrics: registry,
    },
  );
  started.push(collector);
  await collector.start();
  const { http: address, grpc = '' } = collector.addresses();
  return { url: `http://${address}/v1/traces`, grpc, registry, collector };
}

/** Mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function generate(seed: number, count: number): GeneratedRequest[] {
  const generator = createSpanGenerator({ seed });
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => {
    const spans = generator.spans(1 + Math.floor(random() * 20));
    const broken = spans.map((span, index) => (index > 0 && random() < 0.2 ? { ...span, spanId: '' } : span));
    const goodSpanIds = broken.map(({ spanId }) => spanId).filter((id) => id !== '');
    return { bytes: encodeTraces(broken), goodSpanIds, badSpanCount: spans.length - goodSpanIds.length };
  });
}

const store: SpanLogProducer = { partitionCount: () => 1, append: async () => [] };
const protobuf = { 'content-type': 'application/x-protobuf' };

async function post(url: string, body: Uint8Array | string, headers: Record<string, string> = protobuf) {
  const answer = await fetch(url, { method: 'POST', body: body as BodyInit, headers });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

const identity = (bytes: Buffer) => bytes;
const Client = makeGenericClientConstructor(
  {
    Export: {
      path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  'TraceService',
);

interface GrpcAnswer {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
  readonly body: Buffer;
}

function grpcSender(address: string) {
  const client = new Client(address, credentials.createInsecure());
  const send = (bytes: Uint8Array) =>
    new Promise<GrpcAnswer>((resolve) => {
      client['Export']?.(Buffer.from(bytes), (error: GrpcAnswer | null, body: Buffer) =>
        resolve(error ?? { code: status.OK, details: '', metadata: new Metadata(), body }),
      );
    });
  return { send, close: () => client.close() };
}

/** `rejected_spans` of an `ExportTraceServiceResponse`, below 128. */
function rejectedSpansOf(body: Buffer): number {
  if (body.length === 0) return 0;
  const at = body.indexOf(0x08, 1);
  expect(body[0]).toBe(0x0a);
  return body[at + 1] ?? 0;
}

test.each([1, 2, 3])('over HTTP each span is accepted or rejected, seed %i', async (seed) => {
  const producer = flakyProducer(randomNumbers(seed));
  const { url, registry } = await startCollector(producer);
  const requests = generate(seed, 60);
  await checkReceiver(producer, requests, async ({ bytes }): Promise<Answer> => {
    const answer = await post(url, gzipSync(bytes), { ...protobuf, 'content-encoding': 'gzip' });
    if (answer.status === 200) return { kind: 'taken', rejectedSpans: rejectedSpansOf(answer.body) };
    expect([429, 503]).toContain(answer.status);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    return { kind: 'retry' };
  });
  const total = requests.reduce((sum, { goodSpanIds, badSpanCount }) => sum + goodSpanIds.length + badSpanCount, 0);
  expect(await registry.metrics()).toContain(`spoor_spans_received_total{transport="http",format="protobuf"} ${total}`);
  expect(await registry.metrics()).toContain('spoor_receiver_bytes_in_flight 0');
});

test.each([1, 2, 3])('over gRPC each span is accepted or rejected, seed %i', async (seed) => {
  const producer = flakyProducer(randomNumbers(seed));
  const { grpc } = await startCollector(producer);
  const sender = grpcSender(grpc);
  await checkReceiver(producer, generate(seed, 60), async ({ bytes }): Promise<Answer> => {
    const answer = await sender.send(bytes);
    if (answer.code === status.OK) return { kind: 'taken', rejectedSpans: rejectedSpansOf(answer.body) };
    expect([status.RESOURCE_EXHAUSTED, status.UNAVAILABLE]).toContain(answer.code);
    const details = answer.metadata.get('grpc-status-details-bin')[0]?.toString('latin1');
    expect(details).toContain('type.googleapis.com/google.rpc.RetryInfo');
    return { kind: 'retry' };
  });
  sender.close();
});

/** A frame of one block that is not compressed. */
function lz4Frame(plain: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(plain.length + 2 ** 31);
  return Buffer.concat([Buffer.from('04224d18604082', 'hex'), length, plain, Buffer.alloc(4)]);
}

/** A block of one literal. */
function snappyBlock(plain: Uint8Array): Buffer {
  const head = Buffer.of((plain.length & 0x7f) | 0x80, plain.length >> 7, 61 << 2, 0, 0);
  head.writeUInt16LE(plain.length - 1, 3);
  return Buffer.concat([head, plain]);
}

test('every encoding that is named is taken, an unknown one is told which are', async () => {
  const seen: number[] = [];
  const { url } = await startCollector({
    partitionCount: () => 1,
    append: async (batches) => {
      seen.push(...batches.map(({ bytes }) => decodeTraces(bytes).length));
      return [];
    },
  });
  const bytes = createSpanGenerator().request(7);
  const encodings = {
    gzip: gzipSync,
    deflate: deflateSync,
    zstd: zstdCompressSync,
    lz4: lz4Frame,
    snappy: snappyBlock,
    identity: (plain: Uint8Array) => plain,
  };
  for (const [encoding, compress] of Object.entries(encodings))
    expect((await post(url, compress(bytes), { ...protobuf, 'content-encoding': encoding })).status).toBe(200);
  expect((await post(url, deflateRawSync(bytes), { ...protobuf, 'content-encoding': 'deflate' })).status).toBe(200);
  // Older senders mean the framing format by `snappy`.
  const framed = readFileSync(join(import.meta.dirname, '../intake/golden/20-spans.snappy'));
  for (const encoding of ['snappy', 'x-snappy-framed'])
    expect((await post(url, framed, { ...protobuf, 'content-encoding': encoding })).status).toBe(200);
  expect(seen).toEqual([7, 7, 7, 7, 7, 7, 7, 20, 20]);
  const refused = await post(url, bytes, { ...protobuf, 'content-encoding': 'br' });
  expect(refused.status).toBe(400);
  expect(refused.body.toString()).toContain('send gzip, deflate, zstd, snappy, lz4 or identity');
  expect(gunzipSync(gzipSync(bytes))).toHaveLength(bytes.length);
});

test('every encoding is inflated over gRPC, and another is UNIMPLEMENTED', async () => {
  const seen: number[] = [];
  const { grpc } = await startCollector({
    partitionCount: () => 1,
    append: async (batches) => {
      seen.push(...batches.map(({ bytes }) => decodeTraces(bytes).length));
      return [];
    },
  });
  const bytes = createSpanGenerator().request(7);
  const session = connect(`http://${grpc}`);
  const send = (encoding: string, message: Uint8Array) =>
    new Promise<string>((resolve) => {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        'content-type': 'application/grpc+proto',
        'grpc-encoding': encoding,
      });
      const take = (headers: Record<string, unknown>) => {
        if (headers['grpc-status'] !== undefined) resolve(String(headers['grpc-status']));
      };
      stream.on('response', take);
      stream.on('trailers', take);
      stream.resume();
      const head = Buffer.alloc(5, encoding === 'identity' ? 0 : 1);
      head.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([head, message]));
    });
  const encoded: readonly [string, Uint8Array][] = [
    ['identity', bytes],
    ['gzip', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
    ['snappy', readFileSync(join(import.meta.dirname, '../intake/golden/20-spans.snappy'))],
  ];
  for (const [encoding, message] of encoded) expect([encoding, await send(encoding, message)]).toEqual([encoding, '0']);
  expect(seen).toEqual([7, 7, 7, 7, 20]);
  expect(await send('gzip', bytes)).toBe(String(status.INVALID_ARGUMENT));
  expect(await send('br', bytes)).toBe(String(status.UNIMPLEMENTED));
  session.destroy();
});

test('JSON is answered in JSON, parameters of the content type are ignored', async () => {
  const { url } = await startCollector(store);
  const json = tracesToJson(createSpanGenerator().spans(3));
  const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
  const taken = await post(url, json, headers);
  expect([taken.status, taken.body.toString()]).toEqual([200, '{"partialSuccess":{}}']);
  const malformed = await post(url, '{"resourceSpans":', headers);
  expect(malformed.status).toBe(400);
  expect(JSON.parse(malformed.body.toString())).toMatchObject({ code: 3 });
  const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: '00', name: 'x' };
  const refused = await post(url, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }), headers);
  expect(refused.status).toBe(400);
  expect(JSON.parse(refused.body.toString()).message).toContain('invalid_span_id');
});

test('an empty request is taken; other types, methods and paths are told so', async () => {
  const { url } = await startCollector(store);
  const empty = await post(url, new Uint8Array());
  expect([empty.status, empty.body.length]).toEqual([200, 0]);
  const type = await post(url, 'x', { 'content-type': 'text/xml' });
  expect([type.status, type.headers.get('content-type')]).toEqual([415, 'text/plain']);
  const method = await fetch(url, { method: 'PUT', body: 'x' });
  expect([method.status, method.headers.get('allow')]).toEqual([405, 'POST']);
  expect((await fetch(new URL('/elsewhere', url), { method: 'POST' })).status).toBe(404);
});

test('requests beyond the bytes in flight are told to wait, those before are answered', async () => {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const { url } = await startCollector(
    {
      partitionCount: () => 1,
      append: async () => {
        entered.resolve();
        await gate.promise;
        return [];
      },
    },
    { maxBytesInFlight: '40KiB' },
  );
  const bytes = createSpanGenerator().request(60);
  const first = post(url, bytes);
  await entered.promise;
  const second = await post(url, bytes);
  expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
  gate.resolve();
  expect((await first).status).toBe(200);
});

test('stop lets a request under way finish and refuses new ones', async () => {
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const { url, grpc, collector } = await startCollector({
    partitionCount: () => 1,
    append: async () => {
      entered.resolve();
      await gate.promise;
      return [];
    },
  });
  const sender = grpcSender(grpc);
  const underWay = post(url, createSpanGenerator().request(1));
  const underWayToo = sender.send(createSpanGenerator().request(1));
  await entered.promise;
  const stopped = collector.stop(new AbortController().signal);
  expect(collector.readiness().ready).toBe(false);
  await expect(post(url, createSpanGenerator().request(1))).rejects.toThrow();
  gate.resolve();
  expect((await underWay).status).toBe(200);
  expect([status.OK, status.UNAVAILABLE]).toContain((await underWayToo).code);
  await stopped;
  sender.close();
});

test('pages of allowed origins may send, others get no leave', async () => {
  const { url } = await startCollector(store, {}, { cors: { allowedOrigins: ['https://*.example.com'] } });
  const ask = (origin: string) =>
    fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
  const allowed = await ask('https://shop.example.com');
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example.com');
  expect(allowed.headers.get('access-control-allow-headers')).toContain('Content-Type');
  expect((await ask('https://example.com.evil.test')).headers.get('access-control-allow-origin')).toBeNull();
  const off = await startCollector(store);
  expect((await fetch(off.url, { method: 'OPTIONS', headers: { origin: 'https://shop.example.com' } })).status).toBe(
    405,
  );
});
