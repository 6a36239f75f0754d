import { attributeValue } from '@spoor/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySpans } from '../../../test/fixtures/arbitrary-spans.ts';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { decodeTraces } from './decode.ts';
import { encodeTraces } from './encode.ts';
import { protobufFromJson, scanTracesJson } from './json-decode.ts';
import { tracesToJson } from './json-encode.ts';
import { scanTraces } from './scan.ts';

const SEED = { seed: 20_260_101, numRuns: 300 };
const ENDLESS = { partitionCount: 1, nowMs: 2e13 };
const utf8 = new TextEncoder();

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(arbitrarySpans, (spans) => {
      expect(decodeTraces(encodeTraces(spans))).toStrictEqual(spans);
    }),
    SEED,
  );
});

test('JSON says the same as protobuf, byte for byte', () => {
  fc.assert(
    fc.property(arbitrarySpans, (spans) => {
      const { bytes, faults } = protobufFromJson(utf8.encode(tracesToJson(spans)));
      expect(faults.size).toBe(0);
      expect(decodeTraces(bytes)).toStrictEqual(spans);
    }),
    SEED,
  );
});

test('the scanner takes whatever the encoder makes, and passes it on unchanged', () => {
  fc.assert(
    fc.property(arbitrarySpans, (spans) => {
      const bytes = encodeTraces(spans);
      const whole = scanTraces(bytes, ENDLESS);
      expect(whole.rejected).toEqual([]);
      expect(whole.acceptedCount).toBe(spans.length);
      if (spans.length > 0) expect(whole.batches[0]?.bytes).toBe(bytes);
      const parts = scanTraces(bytes, { ...ENDLESS, partitionCount: 5 });
      const back = parts.batches.flatMap((batch) => decodeTraces(batch.bytes));
      expect(bySpanId(back)).toStrictEqual(bySpanId(spans));
      expect(scanTracesJson(utf8.encode(tracesToJson(spans)), ENDLESS).acceptedCount).toBe(spans.length);
    }),
    SEED,
  );
});

test('spans of one resource and scope share the objects, and equal ones are written once', () => {
  const spans = createSpanGenerator({ serviceCount: 2 }).spans(50);
  const bytes = encodeTraces(spans);
  const decoded = decodeTraces(bytes);
  expect(new Set(decoded.map((span) => span.resource)).size).toBe(2);
  const copies = spans.map((span) => ({ ...span, resource: structuredClone(span.resource), scope: { ...span.scope } }));
  expect(encodeTraces(copies)).toEqual(bytes);
});

test('a byte order mark inside a text stays', () => {
  const [span] = createSpanGenerator().spans(1);
  const marked = { ...span!, name: '\ufeffname', attributes: [{ key: 'k', value: '\ufeff'.padEnd(100, 'x') }] };
  const [back] = decodeTraces(encodeTraces([marked]));
  expect(back?.name).toBe('\ufeffname');
  expect(attributeValue(back!.attributes, 'k')).toBe('\ufeff'.padEnd(100, 'x'));
});

test('a Buffer is read like any bytes, and bytes attributes do not share its memory', () => {
  const [span] = createSpanGenerator().spans(1);
  const value = new Uint8Array([1, 2, 3]);
  const buffer = Buffer.from(encodeTraces([{ ...span!, attributes: [{ key: 'k', value }] }]));
  const [back] = decodeTraces(buffer);
  buffer.fill(0);
  expect(back?.attributes).toStrictEqual([{ key: 'k', value }]);
});

function bySpanId<T extends { spanId: string; traceId: string }>(spans: readonly T[]): T[] {
  const key = (span: T) => span.traceId + span.spanId;
  return [...spans].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
