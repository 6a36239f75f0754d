/** The load of the bench of receivers, a process of its own: waits for `go`, sends, tells how long it took. */
import { createSocket } from 'node:dgram';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { encodeJaegerSpan } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { WireWriter } from '@spoor/otlp';
import { binaryProtocol, compactProtocol, type ThriftField } from '@spoor/thrift';
import { encodeZipkinJson, encodeZipkinProto } from '@spoor/zipkin';
import { thriftBatch } from '../fixtures/jaeger-thrift.ts';
import { createSpanGenerator } from '../fixtures/spans.ts';
import { zipkinV1Json, zipkinV1List } from '../fixtures/zipkin-v1.ts';
import { queuedBytes } from './socket-queue.ts';

const SPANS_PER_REQUEST = 100;
/** As clients fill a datagram. */
const SPANS_PER_PACKET = 40;
const TEMPLATES = 32;
/**
 * Nobody acknowledges packets, so they are sent at a steady rate, and so few at once that the smallest buffer of a socket holds
 * them; the next ones go when those are read.
 */
const PACKETS_AT_ONCE = 4;
const HOUR_NANOS = 3_600_000_000_000n;

const [name = '', address = '', spanCount = '0', concurrency = '1', packetsPerSecond = '2000'] = process.argv.slice(2);
const [host = '', port = '0'] = address.split(':');
const perRequest = name.startsWith('agent-') ? SPANS_PER_PACKET : SPANS_PER_REQUEST;

function payloads(encode: (spans: readonly Span[]) => Uint8Array): Buffer[] {
  const startTimeUnixNano = BigInt(Date.now()) * 1_000_000n - HOUR_NANOS;
  const generator = createSpanGenerator({ seed: 3, startTimeUnixNano });
  return Array.from({ length: TEMPLATES }, () => Buffer.from(encode(generator.spans(perRequest))));
}

type Send = (payload: Buffer) => Promise<void>;

function httpSend(path: string, type: string): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) });
  const headers = { 'content-type': type };
  return (payload) =>
    new Promise((resolve, reject) => {
      const options = {
        host,
        port,
        path,
        method: 'POST',
        agent,
        headers: { ...headers, 'content-length': payload.length },
      };
      const sent = request(options, (answer) => {
        answer.resume();
        answer.on('end', () =>
          answer.statusCode === 202 ? resolve() : reject(new Error(`answered ${answer.statusCode}`)),
        );
      });
      sent.on('error', reject);
      sent.end(payload);
    });
}

function grpcSend(): Send {
  const identity = (bytes: Buffer) => bytes;
  const method = {
    path: '/jaeger.api_v2.CollectorService/PostSpans',
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
  const Client = makeGenericClientConstructor({ PostSpans: method }, 'CollectorService');
  const client = new Client(address, credentials.createInsecure());
  return (payload) =>
    new Promise((resolve, reject) =>
      client['PostSpans']?.(payload, (error: Error | null) => (error === null ? resolve() : reject(error))),
    );
}

function udpSend(): Send {
  const socket = createSocket('udp4');
  socket.unref();
  return (payload) =>
    new Promise((resolve, reject) =>
      socket.send(payload, Number(port), host, (error) => (error === null ? resolve() : reject(error))),
    );
}

const postSpans = (spans: readonly Span[]): Uint8Array => {
  const writer = new WireWriter(64 * 1024);
  const start = writer.begin(10);
  for (const span of spans) writer.blob(10, encodeJaegerSpan(span));
  writer.end(start);
  return writer.finish();
};
const call = (spans: readonly Span[]): ThriftField[] => [[1, thriftBatch(spans)]];

const CASES: Readonly<
  Record<string, () => { readonly encode: (spans: readonly Span[]) => Uint8Array; readonly send: Send }>
> = {
  'jaeger-thrift-http': () => ({
    encode: (spans) => binaryProtocol.encode(thriftBatch(spans)),
    send: httpSend('/api/traces', 'application/x-thrift'),
  }),
  'jaeger-grpc': () => ({ encode: postSpans, send: grpcSend() }),
  'zipkin-json': () => ({ encode: encodeZipkinJson, send: httpSend('/api/v2/spans', 'application/json') }),
  'zipkin-proto': () => ({ encode: encodeZipkinProto, send: httpSend('/api/v2/spans', 'application/x-protobuf') }),
  'zipkin-v1-json': () => ({ encode: zipkinV1Json, send: httpSend('/api/v1/spans', 'application/json') }),
  'zipkin-v1-thrift': () => ({
    encode: (spans) => binaryProtocol.encode(zipkinV1List(spans)),
    send: httpSend('/api/v1/spans', 'application/x-thrift'),
  }),
  'agent-compact': () => ({
    encode: (spans) => compactProtocol.call('emitBatch', 'oneway', call(spans)),
    send: udpSend(),
  }),
  'agent-binary': () => ({
    encode: (spans) => binaryProtocol.call('emitBatch', 'oneway', call(spans)),
    send: udpSend(),
  }),
  'agent-zipkin': () => ({
    encode: (spans) => compactProtocol.call('emitZipkinBatch', 'oneway', [[1, zipkinV1List(spans)]]),
    send: udpSend(),
  }),
};

const chosen = CASES[name];
if (chosen === undefined) throw new Error(`there is no case ${name}`);
const { encode, send } = chosen();
const ready = payloads(encode);
const total = Math.ceil(Number(spanCount) / perRequest);

async function sendAcknowledged(): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let at = next++; at < total; at = next++) await send(ready[at % TEMPLATES]!);
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, lane));
}

async function sendAtRate(): Promise<void> {
  const startedMs = performance.now();
  for (let at = 0; at < total; at += 1) {
    await send(ready[at % TEMPLATES]!);
    const dueMs = startedMs + (at / Number(packetsPerSecond)) * 1000;
    if ((at + 1) % PACKETS_AT_ONCE !== 0) continue;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
    while (queuedBytes(Number(port)) > 0) await sleep(1);
  }
}

process.once('message', async () => {
  const startedMs = performance.now();
  await (name.startsWith('agent-') ? sendAtRate() : sendAcknowledged());
  const result = { seconds: (performance.now() - startedMs) / 1000, spans: total * perRequest };
  process.send?.(result, () => process.exit(0));
});
process.send?.('ready');
