import http from 'node:http';
import net from 'node:net';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grpcSender, httpSender } from '../fixtures/senders.ts';
import { createSpanGenerator } from '../fixtures/spans.ts';
import { type AllInOne, startAllInOne, waitFor } from '../harness/index.ts';

/** Far above what the process needs, far below what an unbounded one would take here. */
const MAX_RSS_BYTES = 600 * 2 ** 20;
const MIB = 2 ** 20;

let spoor: AllInOne;

beforeAll(async () => {
  spoor = await startAllInOne({ env: { SPOOR_COLLECTOR_OTLP_HTTP_REQUEST_TIMEOUT: '2s' } });
});

afterAll(async () => {
  await spoor[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends body by body what it is given, and reads the answer even if it comes before all was sent. */
function post(
  chunks: Iterable<Uint8Array | string>,
  headers: Record<string, string | number> = PROTOBUF,
): Promise<Answer> {
  const [hostname = '', port = ''] = spoor.addresses.otlpHttp.split(':');
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path: '/v1/traces', method: 'POST', headers, agent: false });
    let isAnswered = false;
    request.on('response', (response) => {
      isAnswered = true;
      let body = '';
      response.setEncoding('latin1');
      response.on('data', (text: string) => {
        body += text;
      });
      const finish = () =>
        resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body });
      response.on('end', finish);
      response.on('error', finish);
    });
    request.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    const iterator = chunks[Symbol.iterator]();
    const write = () => {
      while (!request.destroyed) {
        const { done, value } = iterator.next();
        if (done || isAnswered) return request.end();
        if (!request.write(value)) return request.once('drain', write);
      }
      return undefined;
    };
    write();
  });
}

function* repeated(chunk: Uint8Array, count: number): Generator<Uint8Array> {
  for (let i = 0; i < count; i += 1) yield chunk;
}

/** Writes text to a fresh connection and resolves with all that comes back until the other side closes it. */
function raw(address: string, write: (socket: net.Socket) => void): Promise<string> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port), allowHalfOpen: true }, () => write(socket));
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (data: string) => {
      text += data;
    });
    const finish = () => {
      socket.destroy();
      resolve(text);
    };
    socket.on('end', finish);
    socket.on('error', finish);
  });
}

function spans(count: number, change: Partial<Span> = {}, seed = 1): Span[] {
  return createSpanGenerator({ seed })
    .spans(count)
    .map((span) => ({ ...span, ...change }));
}

/** One span in JSON, with fields of one's own. */
function jsonSpan(fields: string): string {
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331","name":"x",${fields}}]}]}]}`;
}

/** It lives, still takes spans, is within its memory, and every span that it received is stored or accounted for. */
async function expectHealthy(): Promise<void> {
  expect(spoor.exited()).toBe(false);
  expect(spoor.rssBytes()).toBeLessThan(MAX_RSS_BYTES);
  const sender = httpSender(spoor.addresses.otlpHttp);
  expect(await sender.send(Buffer.from(createSpanGenerator({ seed: 99 }).request(5)))).toMatchObject({ code: 200 });
  sender.close();
  await waitFor(
    async () => {
      const metrics = await spoor.metrics();
      const received = metrics.sum('spoor_spans_received_total');
      const accounted =
        metrics.sum('spoor_spans_stored_total') +
        metrics.sum('spoor_spans_discarded_total') +
        metrics.sum('spoor_spans_dead_lettered_total');
      return received > 0 && received === accounted && metrics.sum('spoor_receiver_bytes_in_flight') === 0;
    },
    { describe: 'received = stored + discarded + dead-lettered, and nothing held' },
  );
}

test('truncated protobuf is a 400 that names the byte', async () => {
  const whole = createSpanGenerator({ seed: 2 }).request(20);
  for (let cut = 1; cut < whole.length; cut += 97) {
    const answer = await post([whole.subarray(0, whole.length - cut)]);
    expect(answer.status).toBe(400);
    expect(answer.body).toContain('at byte');
  }
  await expectHealthy();
});

test('bit-flipped protobuf is taken, partly taken or a 400, and every span is accounted for', async () => {
  const whole = createSpanGenerator({ seed: 3 }).request(10);
  for (let bit = 5; bit < whole.length * 8; bit += 211) {
    const flipped = Uint8Array.from(whole);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect([200, 400]).toContain((await post([flipped])).status);
  }
  await expectHealthy();
});

test('deep JSON, deep attributes and JSON of nothing but objects are 400', async () => {
  const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
  expect((await post([`{"resourceSpans":${deep}}`], JSON_TYPE)).status).toBe(400);
  const value = '{"arrayValue":{"values":['.repeat(20) + ']}}'.repeat(20);
  const nested = await post([jsonSpan(`"attributes":[{"key":"k","value":${value}}]`)], JSON_TYPE);
  expect([nested.status, nested.body]).toEqual([400, expect.stringContaining('too_deep')]);
  const objects = Buffer.from(`{"resourceSpans":[${'{},'.repeat(5_000_000)}{}]}`);
  expect((await post([objects], JSON_TYPE)).status).toBe(400);
  await expectHealthy();
});

test('inflation bombs are 413 whatever they are packed with', async () => {
  const bomb = Buffer.alloc(400 * MIB);
  const packed = { gzip: gzipSync(bomb), deflate: deflateSync(bomb), zstd: zstdCompressSync(bomb) };
  for (const [encoding, body] of Object.entries(packed)) {
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => post([body], { ...PROTOBUF, 'content-encoding': encoding })),
    );
    for (const answer of answers) expect([encoding, answer.status]).toEqual([encoding, 413]);
  }
  await expectHealthy();
});

test('bodies of 100 MB are 413, announced or chunked, and the sender gets to read it', async () => {
  const chunk = Buffer.alloc(MIB, 1);
  const announced = await post(repeated(chunk, 100), { ...PROTOBUF, 'content-length': 100 * MIB });
  expect([announced.status, announced.contentType]).toEqual([413, 'application/x-protobuf']);
  const chunked = await Promise.all([1, 2, 3, 4].map(() => post(repeated(chunk, 100))));
  expect(chunked.map((answer) => [413, 429].includes(answer.status))).toEqual([true, true, true, true]);
  await expectHealthy();
});

test('wrong content types and wrong encodings say what is taken', async () => {
  const body = createSpanGenerator().request(1);
  for (const type of [
    'text/plain',
    'application/xml',
    'application/grpc',
    'nonsense',
    'multipart/form-data; boundary=x',
  ])
    expect([type, (await post([body], { 'content-type': type })).status]).toEqual([type, 415]);
  expect((await post([body], {})).status).toBe(415);
  for (const encoding of ['br', 'gzip, gzip', '\u00e9']) {
    const answer = await post([body], { ...PROTOBUF, 'content-encoding': encoding });
    expect([encoding, answer.status]).toEqual([encoding, 400]);
    expect(answer.body).toContain('send gzip, deflate, zstd, snappy, lz4 or identity');
  }
  for (const encoding of ['gzip', 'deflate', 'zstd', 'snappy', 'x-snappy-framed', 'lz4'])
    expect((await post([body], { ...PROTOBUF, 'content-encoding': encoding })).status).toBe(400);
  expect((await post(['{}{'], JSON_TYPE)).status).toBe(400);
  expect((await post([body], JSON_TYPE)).status).toBe(400);
  await expectHealthy();
});

test.each<[string, Partial<Span>, string]>([
  ['a short trace id', { traceId: 'abcd' }, 'invalid_trace_id'],
  ['a trace id of zeros', { traceId: '0'.repeat(32) }, 'invalid_trace_id'],
  ['a long span id', { spanId: 'ab'.repeat(9) }, 'invalid_span_id'],
  ['a span id of zeros', { spanId: '0'.repeat(16) }, 'invalid_span_id'],
  ['a short parent span id', { parentSpanId: 'ab' }, 'invalid_parent_span_id'],
  ['a time in the far future', { endTimeUnixNano: 2n ** 64n - 1n }, 'invalid_time'],
  ['a span above the limit', { name: 'x'.repeat(2 * MIB) }, 'too_large'],
])('%s is rejected by name, alone over both transports, and counted', async (_what, change, reason) => {
  const before = await spoor.metrics();
  const bad = encodeTraces(spans(1, change));
  const mixed = encodeTraces([...spans(3, {}, 7), ...spans(1, change, 8)]);
  const alone = await post([bad]);
  expect([alone.status, alone.body]).toEqual([400, expect.stringContaining(reason)]);
  const partial = await post([mixed]);
  expect([partial.status, partial.body]).toEqual([200, expect.stringContaining(`1 ${reason}`)]);
  const sender = grpcSender(spoor.addresses.otlpGrpc);
  expect(await sender.send(Buffer.from(bad))).toMatchObject({
    code: status.INVALID_ARGUMENT,
    message: expect.stringContaining(reason),
  });
  sender.close();
  const after = await spoor.metrics();
  const discarded = (metrics: typeof before) =>
    metrics.sum('spoor_spans_discarded_total', { reason, stage: 'receiver' });
  expect(discarded(after) - discarded(before)).toBe(3);
  await expectHealthy();
});

test('invalid UTF-8 in a name is rejected by name', async () => {
  const bytes = Buffer.from(encodeTraces(spans(1, { name: 'PLACEHOLDER' })));
  bytes.writeUInt8(0xff, bytes.indexOf('PLACEHOLDER'));
  const answer = await post([bytes]);
  expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('invalid_utf8')]);
  await expectHealthy();
});

test('keys named like what every object has are data like any other', async () => {
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const attribute = `{"key":"${key}","value":{"stringValue":"polluted"}}`;
    const body = jsonSpan(`"${key}":{"polluted":true},"attributes":[${attribute}]`);
    expect((await post([body], JSON_TYPE)).status).toBe(200);
    expect((await post([`{"${key}":{"resourceSpans":[]},"resourceSpans":[]}`], JSON_TYPE)).status).toBe(200);
  }
  await expectHealthy();
});

test('a sender that takes too long is told 408 and cut off', async () => {
  const head = 'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n';
  const [slowBody, slowHead] = await Promise.all([
    raw(spoor.addresses.otlpHttp, (socket) => socket.write(`${head}Content-Length: 1000\r\n\r\nabc`)),
    raw(spoor.addresses.otlpHttp, (socket) => socket.write(head)),
  ]);
  expect(slowBody).toContain('408');
  expect(slowHead).toContain('408');
  await expectHealthy();
});

test('a connection closed half way through a body holds nothing and counts nothing', async () => {
  const head =
    'POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 9000\r\n\r\n';
  await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      raw(spoor.addresses.otlpHttp, (socket) => {
        socket.write(head + 'x'.repeat(1000));
        if (index % 2 === 0) socket.end();
        else setImmediate(() => socket.destroy(new Error('gone')));
      }),
    ),
  );
  await expectHealthy();
});

test('headers without end are refused', async () => {
  const answer = await raw(spoor.addresses.otlpHttp, (socket) =>
    socket.write(`POST /v1/traces HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(200_000)}\r\n\r\n`),
  );
  expect(answer).toContain('431');
  await expectHealthy();
});

test('gRPC: messages that are wrong, too large or no gRPC at all get their code', async () => {
  const sender = grpcSender(spoor.addresses.otlpGrpc);
  expect(await sender.send(Buffer.alloc(5 * MIB))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(await sender.send(Buffer.from([0x0a, 0xff]))).toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(await sender.send(Buffer.alloc(0))).toMatchObject({ outcome: 'taken' });
  const whole = Buffer.from(createSpanGenerator({ seed: 5 }).request(5));
  for (let cut = 1; cut < whole.length; cut += 101)
    expect(await sender.send(whole.subarray(0, whole.length - cut))).toMatchObject({ code: status.INVALID_ARGUMENT });
  sender.close();
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  await raw(spoor.addresses.otlpGrpc, (socket) =>
    socket.end(Buffer.concat([Buffer.from(preface), Buffer.alloc(999, 0xff)])),
  );
  await raw(spoor.addresses.otlpGrpc, (socket) => socket.end('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  await expectHealthy();
});
