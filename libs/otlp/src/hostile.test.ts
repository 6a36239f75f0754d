import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoorError } from '@spoor/model';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { arbitrarySpans } from '../../../test/fixtures/arbitrary-spans.ts';
import { decodeTraces } from './decode.ts';
import { encodeTraces } from './encode.ts';
import { scanTracesJson } from './json-decode.ts';
import { tracesToJson } from './json-encode.ts';
import type { ScanResult } from './scan.ts';
import { scanTraces } from './scan.ts';
import { SpanCursor } from './visit.ts';

const SEED = { seed: 77, numRuns: 1500 };
const OPTIONS = { partitionCount: 3, nowMs: 2e13 };
const utf8 = new TextEncoder();

/** What `work` returns; `undefined` when it refused. Anything thrown but a `SpoorError` fails the test. */
function orRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    expect(error).toBeInstanceOf(SpoorError);
    return undefined;
  }
}

/** Whatever the scanner lets pass, decoder and cursor must read, with the same count. */
function expectAgreement(result: ScanResult): void {
  expect(result.rejected.reduce((sum, { spanCount }) => sum + spanCount, result.acceptedCount)).toBe(result.spanCount);
  let read = 0;
  for (const { bytes, spanCount } of result.batches) {
    const spans = decodeTraces(bytes);
    expect(spans.length).toBe(spanCount);
    read += spans.length;
    const cursor = new SpanCursor(bytes);
    for (const span of spans) {
      expect(cursor.next()).toBe(true);
      expect(cursor.traceId() + cursor.spanId()).toBe(span.traceId + span.spanId);
    }
    expect(cursor.next()).toBe(false);
    expect(scanTraces(bytes, OPTIONS).acceptedCount).toBe(spanCount);
  }
  expect(read).toBe(result.acceptedCount);
}

/** Sound messages, spoilt: bits flipped, the end cut off. */
const spoilt = fc
  .tuple(arbitrarySpans, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }), fc.option(fc.nat()))
  .map(([spans, flips, cut]) => {
    const bytes = encodeTraces(spans);
    for (const [at, byte] of flips) if (bytes.length > 0) bytes[at % bytes.length]! ^= byte;
    return cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1));
  });

test('spoilt and random messages are refused or read alike by scanner, decoder and cursor', () => {
  fc.assert(
    fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const result = orRefused(() => scanTraces(bytes, OPTIONS));
      if (result !== undefined) expectAgreement(result);
      orRefused(() => decodeTraces(bytes));
      orRefused(() => {
        const cursor = new SpanCursor(bytes);
        while (cursor.next()) cursor.operationName();
      });
    }),
    SEED,
  );
});

test('spoilt JSON is refused or read', () => {
  fc.assert(
    fc.property(arbitrarySpans, fc.nat(), fc.nat({ max: 255 }), (spans, at, byte) => {
      const json = utf8.encode(tracesToJson(spans));
      json[at % json.length]! ^= byte;
      const result = orRefused(() => scanTracesJson(json, OPTIONS));
      if (result !== undefined) expectAgreement(result);
    }),
    { ...SEED, numRuns: 500 },
  );
});

test('an independent protobuf library reads what the encoder writes', () => {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => join(import.meta.dirname, '../proto', target);
  root.loadSync('opentelemetry/proto/trace/v1/trace.proto');
  const TracesData = root.lookupType('opentelemetry.proto.trace.v1.TracesData');
  fc.assert(
    fc.property(arbitrarySpans, (spans) => {
      const message = TracesData.decode(encodeTraces(spans));
      const again = TracesData.encode(message).finish();
      expect(decodeTraces(again)).toStrictEqual(spans);
    }),
    { ...SEED, numRuns: 200 },
  );
});

const corpus = join(import.meta.dirname, '../corpus');
test.each(readdirSync(corpus))('the corpus: %s', (name) => {
  const bytes = readFileSync(join(corpus, name));
  const scan = name.endsWith('.json') ? scanTracesJson : scanTraces;
  if (name.startsWith('refused-')) expect(() => scan(bytes, OPTIONS)).toThrow(SpoorError);
  else {
    const result = scan(bytes, OPTIONS);
    expectAgreement(result);
    expect(result.acceptedCount).toBe(Number(/^accepted-(\d+)-/.exec(name)?.[1]));
  }
});

test.each([
  { json: '[1]', says: 'the top level is not an object' },
  { json: '{"resourceSpans":{}}', says: 'resourceSpans is not an array' },
  { json: '{"resourceSpans":[{"scopeSpans":[3]}]}', says: 'resourceSpans[0].scopeSpans[0] is not an object' },
  { json: '{', says: 'not OTLP JSON' },
  { json: `{"a":${'['.repeat(200)}`, says: 'nested more than 128 deep' },
  { json: `[${'{},'.repeat(5000)}{}]`, says: 'objects and arrays in' },
])('JSON that is not OTLP says so: $says', ({ json, says }) => {
  expect(() => scanTracesJson(utf8.encode(json), OPTIONS)).toThrow(says);
});

test('a span that is wrong in JSON is rejected alone, with its place', () => {
  const id = { traceId: '0123456789ABCDEF0123456789abcdef', spanId: '0123456789abcdef' };
  const spans = [
    id,
    { ...id, traceId: 'W47/95gDgQPSabYzgT/GDA==' },
    { ...id, spanId: 'zzzzzzzzzzzzzzzz' },
    { ...id, attributes: [{ key: 'k', value: { intValue: '1.5' } }] },
    {
      ...id,
      kind: 'SPAN_KIND_SERVER',
      startTimeUnixNano: '1767225600000000001',
      status: { code: 'STATUS_CODE_ERROR' },
    },
  ];
  const json = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }], constructor: 1 });
  const result = scanTracesJson(
    utf8.encode(json.replace('"constructor"', '"__proto__":{"x":1},"constructor"')),
    OPTIONS,
  );
  const place = 'resourceSpans[0].scopeSpans[0].spans';
  expect(result.acceptedCount).toBe(2);
  expect(result.rejected.map(({ reason, message }) => [reason, message])).toEqual([
    ['invalid_trace_id', `${place}[1]: traceId has 24 characters, must be 32 hex digits`],
    ['invalid_span_id', `${place}[2]: spanId is not hex; OTLP JSON has ids in hex`],
    ['malformed', `${place}[3]: attributes[0].value.intValue is not a 64-bit integer, as a string or a number`],
  ]);
  const last = result.batches.flatMap((batch) => decodeTraces(batch.bytes))[1];
  expect(last).toMatchObject({
    kind: 'server',
    startTimeUnixNano: 1_767_225_600_000_000_001n,
    status: { code: 'error' },
  });
});

test('an integer written as a JSON number keeps all its digits', () => {
  const span =
    '{"traceId":"01234567890123456789012345678901","spanId":"0123456789012345","endTimeUnixNano":1767225600000000001}';
  const result = scanTracesJson(utf8.encode(`{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`), OPTIONS);
  expect(decodeTraces(result.batches[0]!.bytes)[0]?.endTimeUnixNano).toBe(1_767_225_600_000_000_001n);
});
