import { randomBytes } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { expect } from 'vitest';
import type { AllInOne } from '../harness/index.ts';
import { protoRequest, type RawSpan } from '../harness/otlp-bytes.ts';
import { jsonRequest, jsonSpan, nowUnixNano, sendJson } from '../harness/otlp-json.ts';
import { searchTraces } from '../harness/query-api.ts';
import { scenario } from '../harness/scenario.ts';

function goodSpan(): RawSpan {
  return { traceId: randomBytes(16), spanId: randomBytes(8), name: 'good', startTimeUnixNano: nowUnixNano() };
}

/** One of each fault that a protobuf request can carry in a single span. */
const BAD_SPANS: readonly [reason: string, span: RawSpan][] = [
  ['invalid_trace_id', { ...goodSpan(), traceId: new Uint8Array(16) }],
  ['invalid_trace_id', { ...goodSpan(), traceId: randomBytes(15) }],
  ['invalid_span_id', { ...goodSpan(), spanId: new Uint8Array(8) }],
  ['invalid_span_id', { ...goodSpan(), spanId: randomBytes(9) }],
  ['invalid_utf8', { ...goodSpan(), name: Buffer.from([0x61, 0xff, 0xfe]) }],
];

async function sendHttp(spoor: AllInOne, body: Uint8Array, contentType: string): Promise<number> {
  const response = await fetch(`http://${spoor.addresses.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': contentType },
    body: new Uint8Array(body),
  });
  await response.arrayBuffer();
  return response.status;
}

async function sendGrpc(spoor: AllInOne, body: Buffer): Promise<Buffer> {
  const client = new Client(spoor.addresses.otlpGrpc, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        (value: Buffer) => value,
        (value: Buffer) => value,
        body,
        (error, answer) => (error ? reject(error) : resolve(answer ?? Buffer.alloc(0))),
      );
    });
  } finally {
    client.close();
  }
}

scenario('every span received is stored, discarded with a reason, or a dead letter', async ({ spoor }) => {
  const mixed = (service: string): Buffer =>
    protoRequest(service, [goodSpan(), ...BAD_SPANS.map(([, span]) => span), goodSpan(), goodSpan()]);

  expect(await sendHttp(spoor, mixed('over-http'), 'application/x-protobuf')).toBe(200);
  const grpcAnswer = await sendGrpc(spoor, mixed('over-grpc'));
  // ExportTracePartialSuccess { rejected_spans: 5, … } within ExportTraceServiceResponse.
  expect(grpcAnswer.length, 'partial success is told').toBeGreaterThan(0);
  const jsonAnswer = await sendJson(
    spoor.addresses.otlpHttp,
    jsonRequest('over-json', [
      jsonSpan({ name: 'good' }),
      jsonSpan({ traceId: 'abc' }),
      jsonSpan({ spanId: '0000000000000000' }),
      jsonSpan({ name: 'good' }),
    ]),
  );
  expect(jsonAnswer.status).toBe(200);
  const { partialSuccess } = (await jsonAnswer.json()) as { partialSuccess: Record<string, unknown> };
  expect(Number(partialSuccess['rejectedSpans'])).toBe(2);
  // What is not a message at all is answered so, and holds no spans that could be counted.
  expect(await sendHttp(spoor, Buffer.from('not protobuf'), 'application/x-protobuf')).toBe(400);
  expect(await sendHttp(spoor, Buffer.from('{"resourceSpans":'), 'application/json')).toBe(400);

  const metrics = await spoor.metrics();
  const received = metrics.sum('spoor_spans_received_total');
  const stored = metrics.sum('spoor_spans_stored_total');
  const discarded = metrics.sum('spoor_spans_discarded_total');
  expect(received).toBe(8 + 8 + 4);
  expect(stored).toBe(3 + 3 + 2);
  expect(discarded).toBe(5 + 5 + 2);
  expect(received).toBe(stored + discarded + metrics.sum('spoor_spans_dead_lettered_total'));
  for (const reason of new Set(BAD_SPANS.map(([name]) => name))) {
    const overProto = 2 * BAD_SPANS.filter(([name]) => name === reason).length;
    const overJson = reason === 'invalid_utf8' ? 0 : 1;
    expect(metrics.sum('spoor_spans_discarded_total', { reason }), reason).toBe(overProto + overJson);
  }

  // Stored is not a word of the counter only: the good ones are found.
  for (const [service, count] of Object.entries({ 'over-http': 3, 'over-grpc': 3, 'over-json': 2 })) {
    const traces = await searchTraces(spoor.addresses.queryHttp, { service });
    expect(traces.flatMap(({ spans }) => spans.map(({ operationName }) => operationName))).toEqual(
      Array.from({ length: count }, () => 'good'),
    );
  }
});
