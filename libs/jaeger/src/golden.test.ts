import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Span } from '@spoor/model';
import { encodeTraces, scanTraces } from '@spoor/otlp';
import { expect, test } from 'vitest';
import { GOLDEN_SPAN } from './golden-span.ts';
import { decodeJaegerSpanJson } from './json-decode.ts';
import { encodeJaegerSpanJson } from './json-encode.ts';
import { decodeJaegerBatch, decodeJaegerSpan } from './proto-decode.ts';
import { encodeJaegerSpan } from './proto-encode.ts';

const golden = (name: string) => readFileSync(join(import.meta.dirname, '../golden', name), 'utf8');
const record = Buffer.from(golden('span.jaeger_proto.hex').replace(/\s/g, ''), 'hex');

test('the span encodes to the golden record, byte for byte', () => {
  expect(Buffer.from(encodeJaegerSpan(GOLDEN_SPAN)).toString('hex')).toBe(record.toString('hex'));
});

test('the golden record decodes to the span', () => {
  expect(decodeJaegerSpan(record)).toStrictEqual(GOLDEN_SPAN);
});

test('the span encodes to the golden JSON, field for field in its order', () => {
  const text = new TextDecoder().decode(encodeJaegerSpanJson(GOLDEN_SPAN));
  expect(text).toBe(JSON.stringify(JSON.parse(golden('span.jaeger_json'))));
});

test('the golden JSON decodes to the span', () => {
  expect(decodeJaegerSpanJson(Buffer.from(golden('span.jaeger_json')))).toStrictEqual(GOLDEN_SPAN);
});

test("in a batch a span's own process wins, and the others share that of the batch", () => {
  const ids = '0a10 000102030405060708090a0b0c0d0e0f 1208 1011121314151617'.replaceAll(' ', '');
  const bare = `0a1c${ids}`;
  const own = `0a24${ids}5206 0a04 6f776e21`.replaceAll(' ', '');
  const batch = Buffer.from(`${bare}${own}${bare}1206 0a04 73686f70`.replaceAll(' ', ''), 'hex');
  const spans = decodeJaegerBatch(batch);
  expect(spans.map(({ resource }) => resource.attributes)).toEqual([
    [{ key: 'service.name', value: 'shop' }],
    [{ key: 'service.name', value: 'own!' }],
    [{ key: 'service.name', value: 'shop' }],
  ]);
  expect(spans[0]?.resource).toBe(spans[2]?.resource);
  expect(() => decodeJaegerBatch(batch, { maxSpanBytes: 30 })).toThrow('span 1 of the Jaeger batch has 36 bytes');
  expect(() => decodeJaegerBatch(batch.subarray(0, 40))).toThrow('not a Jaeger Batch: at byte 31, a length runs past');
});

test('spans of a batch with equal processes of their own share one resource, others do not', () => {
  const process = (name: string) => `5206 0a04 ${Buffer.from(name).toString('hex')}`;
  const batch = ['shop', 'shop', 'cart', 'shop'].map((name) => {
    const span = `0a10 000102030405060708090a0b0c0d0e0f 1208 1011121314151617 ${process(name)}`;
    const bytes = Buffer.from(span.replaceAll(' ', ''), 'hex');
    return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
  });
  const resources = decodeJaegerBatch(Buffer.concat(batch)).map(({ resource }) => resource);
  expect(resources.map(({ attributes }) => attributes[0]?.value)).toEqual(['shop', 'shop', 'cart', 'shop']);
  expect(resources[1]).toBe(resources[0]);
  expect(resources[2]).not.toBe(resources[0]);
});

test('defaults are left out, except ids and times', () => {
  const span: Span = {
    ...GOLDEN_SPAN,
    parentSpanId: '',
    traceState: '',
    flags: 0,
    name: '',
    kind: 'unspecified',
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: [
      { key: 'd', value: 0 },
      { key: 'b', value: false },
      { key: 'i', value: 0n },
      { key: 'x', value: new Uint8Array(0) },
    ],
    events: [],
    links: [],
    status: { code: 'unset', message: '' },
    resource: { attributes: [{ key: '', value: '' }], droppedAttributesCount: 0, schemaUrl: '' },
    scope: { ...GOLDEN_SPAN.scope, name: '', version: '' },
  };
  const hex =
    '0a10 000102030405060708090a0b0c0d0e0f 1208 1011121314151617 3200 3a00' +
    '4205 0a0164 1003 4205 0a0162 1001 4205 0a0169 1002 4205 0a0178 1004 5202 1200';
  expect(Buffer.from(encodeJaegerSpan(span)).toString('hex')).toBe(hex.replaceAll(' ', ''));
  expect(decodeJaegerSpan(encodeJaegerSpan(span))).toStrictEqual(span);
  expect(new TextDecoder().decode(encodeJaegerSpanJson(span))).toBe(
    '{"traceId":"AAECAwQFBgcICQoLDA0ODw==","spanId":"EBESExQVFhc=","startTime":"1970-01-01T00:00:00Z",' +
      '"tags":[{"key":"d","vType":"FLOAT64"},{"key":"b","vType":"BOOL"},{"key":"i","vType":"INT64"},' +
      '{"key":"x","vType":"BINARY"}],"process":{"tags":[{}]}}',
  );
  expect(decodeJaegerSpanJson(encodeJaegerSpanJson(span))).toStrictEqual(span);
});

test('in a batch, spans with ids or times that are none are left for the scan to name', () => {
  const ids = '0a10 000102030405060708090a0b0c0d0e0f 1208 1011121314151617';
  const spans = [
    ids,
    '1208 1011121314151617',
    '0a10 000102030405060708090a0b0c0d0e0f 1208 0000000000000000',
    `${ids} 3a0b08 ffffffffffffffffff01`,
  ];
  const batch = spans.map((span) => {
    const bytes = Buffer.from(span.replaceAll(' ', ''), 'hex');
    return Buffer.concat([Buffer.from([0x0a, bytes.length]), bytes]);
  });
  const decoded = decodeJaegerBatch(Buffer.concat(batch));
  expect(decoded).toHaveLength(4);
  const { acceptedCount, rejected } = scanTraces(encodeTraces(decoded), {
    partitionCount: 1,
    nowMs: 1_767_225_600_000,
  });
  expect({ acceptedCount, reasons: rejected.map(({ reason }) => reason) }).toEqual({
    acceptedCount: 1,
    reasons: ['invalid_trace_id', 'invalid_span_id', 'invalid_time'],
  });
});
