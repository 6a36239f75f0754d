import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { credentials, Metadata, makeGenericClientConstructor, type ServiceError, status } from '@grpc/grpc-js';
import { SpoorError } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import protobuf from 'protobufjs';
import { afterEach, expect, test } from 'vitest';
import { keepingProducer, NOW_MS, randomNumbers, startCollector, stopCollectors } from '../../test/start-collector.ts';
import { checkReceiver, flakyProducer, type GeneratedRequest } from '../intake/contract.ts';

const JAEGER = join(import.meta.dirname, '../../../../../libs/jaeger');
const root = protobuf.loadSync(join(JAEGER, 'proto/jaeger/api_v2/model.proto'));
protobuf.parse('syntax = "proto3"; package jaeger.api_v2; message PostSpansRequest { Batch batch = 1; }', root);
const PostSpansRequest = root.lookupType('jaeger.api_v2.PostSpansRequest');
const GOLDEN = Buffer.from(
  readFileSync(join(JAEGER, 'golden/batch.jaeger_proto.hex'), 'utf8').replace(/\s/g, ''),
  'hex',
);

const identity = (bytes: Buffer) => bytes;
const CollectorService = makeGenericClientConstructor(
  {
    PostSpans: {
      path: '/jaeger.api_v2.CollectorService/PostSpans',
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  },
  'CollectorService',
);
const clients: { close(): void }[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stopCollectors();
});

interface Answer {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
  readonly body: Buffer;
}

function clientOf(address: string, options: Record<string, number> = {}) {
  const client = new CollectorService(address, credentials.createInsecure(), options);
  clients.push(client);
  return (bytes: Uint8Array, metadata = new Metadata()) =>
    new Promise<Answer>((resolve) => {
      client['PostSpans']?.(Buffer.from(bytes), metadata, (error: ServiceError | null, body: Buffer) =>
        resolve(
          error === null
            ? { code: status.OK, details: '', metadata: new Metadata(), body }
            : Object.assign(error, { body: Buffer.alloc(0) }),
        ),
      );
    });
}

function requestOf(spanIds: readonly bigint[]): Uint8Array {
  const seconds = Math.floor(NOW_MS / 1000);
  const spans = spanIds.map((id) => ({
    traceId: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
    spanId: Buffer.from(id.toString(16).padStart(16, '0'), 'hex'),
    operationName: 'op',
    startTime: { seconds },
    duration: { nanos: 5 },
  }));
  return PostSpansRequest.encode({ batch: { spans, process: { serviceName: 'shop' } } }).finish();
}

/** As `PostSpansRequest.batch`. */
const wrapped = (batch: Uint8Array) => {
  const writer = protobuf.Writer.create();
  return writer.uint32(10).bytes(batch).finish();
};

test('the golden batch is taken, counted and handed on whole', async () => {
  const producer = keepingProducer();
  const { jaegerGrpc, registry } = await startCollector(producer);
  const send = clientOf(jaegerGrpc, { 'grpc.default_compression_algorithm': 2 });
  const answer = await send(wrapped(GOLDEN));
  expect([answer.code, answer.body.length]).toEqual([status.OK, 0]);
  const spans = producer.batches.flatMap(({ bytes }) => decodeTraces(bytes));
  expect(spans.map(({ name }) => name)).toEqual(['op', 'root']);
  expect(spans[0]).toMatchObject({
    traceId: '000102030405060708090a0b0c0d0e0f',
    parentSpanId: '2021222324252627',
    status: { code: 'error' },
  });
  expect(await registry.metrics()).toContain('spoor_spans_received_total{transport="grpc",format="jaeger_proto"} 2');
  expect(await registry.metrics()).toContain('spoor_receiver_bytes_in_flight 0');
});

test('what is not UTF-8 stays bytes, under names that say so, and costs no other span', async () => {
  const producer = keepingProducer();
  const { jaegerGrpc } = await startCollector(producer);
  const whole = requestOf([1n]);
  const seconds = Math.floor(NOW_MS / 1000);
  const tag = (key: string, vStr: string) => ({ key, vStr });
  const sound = PostSpansRequest.encode({
    batch: {
      spans: [
        {
          traceId: Buffer.alloc(16, 1),
          spanId: Buffer.alloc(8, 2),
          operationName: 'n~e',
          startTime: { seconds },
          tags: [tag('v', 'v~e'), tag('k~1', 'x'), tag('k~2', 'y~y'), tag('told', '\ufffd')],
          logs: [{ timestamp: { seconds }, fields: [tag('event', 'e~t')] }],
          process: { serviceName: 's~e', tags: [tag('p', 'p~s')] },
        },
      ],
    },
  }).finish();
  const request = Buffer.from(
    Buffer.from(sound)
      .toString('latin1')
      .replaceAll(/(?<=\w)~(?=\w)/g, '\xff'),
    'latin1',
  );
  expect(await clientOf(jaegerGrpc)(Buffer.concat([request, whole]))).toMatchObject({ code: status.OK });
  const spans = producer.batches.flatMap(({ bytes }) => decodeTraces(bytes));
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
  expect(spans.map(({ name }) => name)).toEqual(['invalid-span-name', 'op']);
  expect(spans[0]).toMatchObject({
    attributes: [
      { key: 'v', value: bytes('v\xffe') },
      { key: 'invalid-tag-key-1', value: bytes('k\xff1:x') },
      { key: 'invalid-tag-key-2', value: bytes('k\xff2:y\xffy') },
      { key: 'told', value: '\ufffd' },
      { key: 'invalid-span-name', value: bytes('n\xffe') },
    ],
    events: [{ name: '', attributes: [{ key: 'event', value: bytes('e\xfft') }] }],
    resource: {
      attributes: [
        { key: 'service.name', value: 's\ufffde' },
        { key: 'p', value: bytes('p\xffs') },
      ],
    },
  });
});

test('a batch that comes in pieces is one, and unknown fields are skipped', async () => {
  const producer = keepingProducer();
  const { jaegerGrpc } = await startCollector(producer);
  const [first, second] = [requestOf([1n]), requestOf([2n, 3n])];
  const unknown = Uint8Array.of(0x7a, 2, 1, 2);
  expect(await clientOf(jaegerGrpc)(Buffer.concat([first, unknown, second]))).toMatchObject({ code: status.OK });
  expect(producer.batches.flatMap(({ bytes }) => decodeTraces(bytes)).map(({ spanId }) => spanId)).toEqual([
    '0000000000000001',
    '0000000000000002',
    '0000000000000003',
  ]);
  expect(await clientOf(jaegerGrpc)(new Uint8Array())).toMatchObject({ code: status.OK });
});

test.each([1, 2])('each span is accepted or the sender is told to wait, seed %i', async (seed) => {
  const random = randomNumbers(seed);
  const producer = flakyProducer(randomNumbers(seed + 10));
  const { jaegerGrpc } = await startCollector(producer);
  const send = clientOf(jaegerGrpc);
  let last = 0n;
  const requests = Array.from({ length: 40 }, (): GeneratedRequest => {
    const ids = Array.from({ length: 1 + Math.floor(random() * 9) }, () => {
      last += 1n;
      return last;
    });
    const goodSpanIds = ids.map((id) => id.toString(16).padStart(16, '0'));
    return { bytes: requestOf(ids), goodSpanIds, badSpanCount: 0 };
  });
  await checkReceiver(producer, requests, async ({ bytes }) => {
    const answer = await send(bytes);
    if (answer.code === status.OK) return { kind: 'taken', rejectedSpans: 0 };
    expect([status.RESOURCE_EXHAUSTED, status.UNAVAILABLE]).toContain(answer.code);
    expect(answer.metadata.get('grpc-status-details-bin')[0]?.toString('latin1')).toContain('google.rpc.RetryInfo');
    return { kind: 'retry' };
  });
});

test('what is no batch or too large is told where and why', async () => {
  const { jaegerGrpc, registry } = await startCollector(keepingProducer(), { jaegerGrpc: { maxMessageBytes: '1KiB' } });
  const send = clientOf(jaegerGrpc);
  expect(await send(wrapped(GOLDEN).subarray(0, 100))).toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringMatching(/^not a PostSpansRequest: at byte \d+, /),
  });
  expect(await send(requestOf([0n]))).toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('invalid_span_id'),
  });
  expect(await send(Buffer.alloc(2_000))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(await registry.metrics()).toContain(
    'spoor_receiver_refused_requests_total{transport="grpc",code="SPOOR_MALFORMED_SPANS"} 1',
  );
  expect(await registry.metrics()).toContain(
    'spoor_spans_discarded_total{reason="invalid_span_id",stage="receiver"} 1',
  );
});

test('the tenant comes from the metadata, and a log that is away is told with when to come back', async () => {
  const producer = keepingProducer();
  const { jaegerGrpc } = await startCollector(producer, { tenancy: { enabled: true } });
  const send = clientOf(jaegerGrpc);
  const acme = new Metadata();
  acme.set('x-tenant', 'acme');
  expect(await send(requestOf([1n]))).toMatchObject({ code: status.UNAUTHENTICATED, details: 'missing tenant header' });
  expect(await send(requestOf([1n]), acme)).toMatchObject({ code: status.OK });
  acme.add('x-tenant', 'other');
  expect(await send(requestOf([1n]), acme)).toMatchObject({
    code: status.PERMISSION_DENIED,
    details: 'extra tenant header',
  });
  expect(producer.batches.map(({ tenant }) => tenant)).toEqual(['acme']);
  const away = await startCollector({
    partitionCount: () => 1,
    append: async () => {
      throw new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', 'Kafka is away', { retryAfterMs: 2_500 });
    },
  });
  expect(await clientOf(away.jaegerGrpc)(requestOf([1n]))).toMatchObject({
    code: status.UNAVAILABLE,
    details: 'Kafka is away',
  });
});
