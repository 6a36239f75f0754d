import type { DiscardReason, Span } from '@spoor/model';
import { partitionOfTraceId, SpoorError } from '@spoor/model';
import { describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { decodeTraces } from './decode.ts';
import { encodeTraces } from './encode.ts';
import type { ScanResult } from './scan.ts';
import { partitionOfTraceIdAt, scanTraces } from './scan.ts';
import { SpanCursor } from './visit.ts';
import { WireWriter } from './wire-writer.ts';

const OPTIONS = { partitionCount: 1, nowMs: 1_800_000_000_000 };

/** A field that is a message, from the bytes of its fields. */
function field(number: number, ...parts: Uint8Array[]): Uint8Array {
  const writer = new WireWriter();
  const start = writer.begin(number * 8 + 2);
  for (const part of parts) writer.raw(part);
  writer.end(start);
  return writer.finish();
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const traceId = field(1, new Uint8Array(16).fill(7));
const spanId = field(2, new Uint8Array(8).fill(9));
const soundSpan = field(2, traceId, spanId);

function messageOf(...spans: Uint8Array[]): Uint8Array {
  return field(1, field(2, ...spans));
}

function accepted(result: ScanResult): Span[] {
  return result.batches.flatMap((batch) => decodeTraces(batch.bytes));
}

function nested(depth: number): Uint8Array {
  let value = field(2, field(1, new Uint8Array([65])));
  for (let i = 0; i < depth; i += 1) value = field(2, field(5, field(1, value.subarray(lengthOfHead(value)))));
  return value;
}

function lengthOfHead(message: Uint8Array): number {
  let at = 1;
  while (message[at]! > 0x7f) at += 1;
  return at + 1;
}

describe('one bad span does not refuse its neighbours', () => {
  const fixed64 = (tag: number, value: bigint) => {
    const writer = new WireWriter();
    writer.fixed64(tag, value);
    return writer.finish();
  };
  const cases: { name: string; span: Uint8Array; reason: DiscardReason; says: string }[] = [
    {
      name: 'a short trace id',
      span: field(2, field(1, new Uint8Array(8).fill(1)), spanId),
      reason: 'invalid_trace_id',
      says: 'the trace id has 8 bytes, must be 16',
    },
    {
      name: 'a zero trace id',
      span: field(2, field(1, new Uint8Array(16)), spanId),
      reason: 'invalid_trace_id',
      says: 'the trace id is all zero',
    },
    { name: 'nothing at all', span: field(2), reason: 'invalid_trace_id', says: 'the trace id is missing' },
    { name: 'no span id', span: field(2, traceId), reason: 'invalid_span_id', says: 'the span id is missing' },
    {
      name: 'a zero span id',
      span: field(2, traceId, field(2, new Uint8Array(8))),
      reason: 'invalid_span_id',
      says: 'the span id is all zero',
    },
    {
      name: 'a long parent id',
      span: field(2, traceId, spanId, field(4, new Uint8Array(9).fill(1))),
      reason: 'invalid_parent_span_id',
      says: 'the parent span id has 9 bytes, must be 8 or absent',
    },
    {
      name: 'a name that is not UTF-8',
      span: field(2, traceId, spanId, field(5, new Uint8Array([65, 0xff]))),
      reason: 'invalid_utf8',
      says: 'the span name is not UTF-8',
    },
    {
      name: 'an overlong attribute key',
      span: field(2, traceId, spanId, field(9, field(1, new Uint8Array([0xc0, 0x80])))),
      reason: 'invalid_utf8',
      says: 'the key of an attribute is not UTF-8',
    },
    {
      name: 'a surrogate in the value of an event attribute',
      span: field(2, traceId, spanId, field(11, field(3, field(2, field(1, new Uint8Array([0xed, 0xa0, 0x80])))))),
      reason: 'invalid_utf8',
      says: 'the value of an attribute is not UTF-8',
    },
    {
      name: 'a start in the far future',
      span: field(2, traceId, spanId, fixed64(57, 0xffffffffffffffffn)),
      reason: 'invalid_time',
      says: 'the start time lies after 2027-01-16T08:00:00.000Z',
    },
    {
      name: 'an end just past the limit',
      span: field(2, traceId, spanId, fixed64(65, 1_800_086_400_000_000_001n)),
      reason: 'invalid_time',
      says: 'the end time lies after',
    },
    {
      name: 'an attribute 17 deep',
      span: field(2, traceId, spanId, field(9, nested(17))),
      reason: 'too_deep',
      says: 'nested more than 16 deep',
    },
    {
      name: 'too many bytes',
      span: field(2, traceId, spanId, field(5, new Uint8Array(1024 * 1024).fill(65))),
      reason: 'too_large',
      says: 'the span has 1048608 bytes, at most 1048576 are taken',
    },
    {
      name: 'a length that runs out of it',
      span: field(2, traceId, spanId, new Uint8Array([42, 100, 65])),
      reason: 'malformed',
      says: 'a length runs past the end of its message, which has 1 bytes left',
    },
  ];
  test.each(cases)('$name', ({ span, reason, says }) => {
    const result = scanTraces(messageOf(soundSpan, span, soundSpan, span), OPTIONS);
    expect(result).toMatchObject({ spanCount: 4, acceptedCount: 2, rejected: [{ reason, spanCount: 2 }] });
    expect(result.rejected[0]?.message).toContain('resourceSpans[0].scopeSpans[0].spans[1]: ');
    expect(result.rejected[0]?.message).toContain(says);
    expect(accepted(result).map((span) => span.spanId)).toEqual(['0909090909090909', '0909090909090909']);
    expect(result.batches[0]?.bytes).toEqual(messageOf(soundSpan, soundSpan));
  });

  test('what is only odd is taken: a zero parent, an end before the start, the deepest value, the last moment', () => {
    const span = field(
      2,
      ...[traceId, spanId, field(4, new Uint8Array(8)), fixed64(57, 1_800_086_400_000_000_000n), fixed64(65, 1n)],
      field(9, nested(16)),
    );
    const bytes = messageOf(span);
    const result = scanTraces(bytes, OPTIONS);
    expect(result).toMatchObject({ acceptedCount: 1, rejected: [] });
    expect(accepted(result)[0]?.parentSpanId).toBe('');
  });
});

test('a bad resource rejects the spans under it, and only those', () => {
  const badResource = field(1, field(1, field(1, new Uint8Array([0xff]))));
  const bytes = join(
    messageOf(soundSpan),
    field(1, field(2, soundSpan, soundSpan), field(2, soundSpan), badResource),
    field(1, field(2, soundSpan, field(3, new Uint8Array([0xfe])))),
  );
  const result = scanTraces(bytes, OPTIONS);
  expect(result).toMatchObject({
    spanCount: 5,
    acceptedCount: 1,
    rejected: [{ reason: 'invalid_utf8', spanCount: 4 }],
  });
  expect(result.rejected[0]?.message).toBe(
    'resourceSpans[1].scopeSpans[0].spans[0]: in its resource, the key of an attribute is not UTF-8',
  );
});

test('a resource that is malformed inside its own length rejects the spans under it', () => {
  const result = scanTraces(field(1, field(1, new Uint8Array([10, 50])), field(2, soundSpan)), OPTIONS);
  expect(result.rejected).toMatchObject([{ reason: 'malformed', spanCount: 1 }]);
});

test.each([
  { name: 'text', bytes: new TextEncoder().encode('hello'), offset: 3 },
  { name: 'a length without its bytes', bytes: new Uint8Array([10, 5, 1]), offset: 1 },
  { name: 'a scope whose length runs out', bytes: field(1, new Uint8Array([18, 9, 0])), offset: 3 },
  { name: 'a varint without end', bytes: new Uint8Array(20).fill(0xff), offset: 0 },
  { name: 'field number 0', bytes: new Uint8Array([2, 0]), offset: 0 },
])('what cannot be taken apart is refused with the byte offset: $name', ({ bytes, offset }) => {
  expect(() => scanTraces(bytes, OPTIONS)).toThrow(SpoorError);
  expect(() => scanTraces(bytes, OPTIONS)).toThrow(new RegExp(`^not OTLP TracesData: at byte ${offset}, `));
});

test('an empty message has no spans and makes no batch', () => {
  expect(scanTraces(new Uint8Array(0), OPTIONS)).toEqual({ spanCount: 0, acceptedCount: 0, rejected: [], batches: [] });
});

test('spans go to the partition of their trace, as the rule on text has it', () => {
  const spans = createSpanGenerator({ seed: 5, spansPerTrace: 3 }).spans(400);
  const { batches, acceptedCount } = scanTraces(encodeTraces(spans), { ...OPTIONS, partitionCount: 12 });
  expect(acceptedCount).toBe(400);
  expect(batches.length).toBe(12);
  for (const { partition, spanCount, bytes } of batches) {
    const decoded = decodeTraces(bytes);
    expect(decoded.length).toBe(spanCount);
    for (const span of decoded) expect(partitionOfTraceId(span.traceId, 12)).toBe(partition);
  }
  const id = Uint8Array.from({ length: 16 }, (_, i) => i * 16 + 1);
  expect(partitionOfTraceIdAt(id, 0, 97)).toBe(partitionOfTraceId(Buffer.from(id).toString('hex'), 97));
});

test('the input itself is passed on when one partition takes everything', () => {
  const bytes = createSpanGenerator({ spansPerTrace: 50 }).request(50);
  const { batches } = scanTraces(bytes, { ...OPTIONS, partitionCount: 12 });
  expect(batches).toHaveLength(1);
  expect(batches[0]?.bytes).toBe(bytes);
});

test('a resource that comes in parts is put together, and unknown fields stay', () => {
  const attribute = (key: string) => field(1, field(1, new TextEncoder().encode(key)), field(2, field(1)));
  const unknown = field(99, new Uint8Array([1, 2]));
  const bytes = field(
    1,
    ...[field(1, attribute('a')), unknown, field(2, unknown, soundSpan), field(1, attribute('b'))],
  );
  const [batch] = scanTraces(bytes, OPTIONS).batches;
  expect(batch?.bytes).toEqual(
    field(1, field(1, attribute('a'), attribute('b')), unknown, field(2, unknown, soundSpan)),
  );
  expect(() => new SpanCursor(bytes).next()).toThrow('a second Resource in one ResourceSpans');
  expect(new SpanCursor(batch!.bytes).next()).toBe(true);
  expect(decodeTraces(batch!.bytes)).toStrictEqual(decodeTraces(bytes));
});

test('a large resource over many small spans is not multiplied by the partitions', () => {
  const [span] = createSpanGenerator().spans(1);
  const resource = {
    attributes: [{ key: 'k', value: 'x'.repeat(500_000) }],
    droppedAttributesCount: 0,
    schemaUrl: '',
  };
  const spans = Array.from({ length: 200 }, (_, i) => ({
    ...span!,
    resource,
    traceId: (i + 1).toString(16).padStart(32, '0'),
  }));
  const bytes = encodeTraces(spans);
  const { batches, acceptedCount } = scanTraces(bytes, { ...OPTIONS, partitionCount: 100 });
  expect(acceptedCount).toBe(200);
  expect(batches.reduce((sum, batch) => sum + batch.bytes.length, 0)).toBeLessThan(5 * bytes.length);
  expect(batches.reduce((sum, batch) => sum + batch.spanCount, 0)).toBe(200);
});
