import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoorError } from '@spoor/model';
import { encodeTraces, scanTraces, WireWriter } from '@spoor/otlp';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySpans } from '../../../test/fixtures/arbitrary-spans.ts';
import { decodeJaegerSpanJson } from './json-decode.ts';
import { encodeJaegerSpanJson } from './json-encode.ts';
import { decodeJaegerBatch, decodeJaegerSpan } from './proto-decode.ts';
import { encodeJaegerSpan } from './proto-encode.ts';

const SEED = { seed: 78, numRuns: 1500 };
const SCAN = { partitionCount: 1, nowMs: Date.parse('2026-01-02T00:00:00Z') };
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

/** Sound records, spoilt: bytes changed, the end cut off. */
function spoilt(encode: typeof encodeJaegerSpan): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      arbitrarySpans.filter((spans) => spans.length > 0),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      fc.option(fc.nat()),
    )
    .map(([spans, flips, cut]) => {
      const bytes = encode(spans[0]!);
      for (const [at, byte] of flips) bytes[at % bytes.length]! ^= byte;
      return cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1));
    });
}

test('spoilt and random messages are refused, or are spans that can be written and read again', () => {
  fc.assert(
    fc.property(fc.oneof(spoilt(encodeJaegerSpan), fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const span = orRefused(() => decodeJaegerSpan(bytes));
      if (span !== undefined) decodeJaegerSpan(encodeJaegerSpan(span));
      orRefused(() => decodeJaegerBatch(bytes));
      const writer = new WireWriter();
      writer.blob(10, bytes);
      const batch = orRefused(() => decodeJaegerBatch(writer.finish()));
      if (span !== undefined) expect(batch).toStrictEqual([span]);
      // What only a batch hands on is for the scan to reject, by its reason.
      else if (batch !== undefined) expect(scanTraces(encodeTraces(batch), SCAN).acceptedCount).toBe(0);
    }),
    SEED,
  );
});

test('spoilt JSON is refused, or is a span that can be written and read again', () => {
  fc.assert(
    fc.property(spoilt(encodeJaegerSpanJson), (bytes) => {
      const span = orRefused(() => decodeJaegerSpanJson(bytes));
      if (span !== undefined) decodeJaegerSpanJson(encodeJaegerSpanJson(span));
    }),
    SEED,
  );
});

const corpus = join(import.meta.dirname, '../corpus');
test.each(readdirSync(corpus))('the corpus: %s', (name) => {
  const bytes = readFileSync(join(corpus, name));
  const decode = name.endsWith('.json') ? decodeJaegerSpanJson : decodeJaegerSpan;
  if (name.startsWith('refused-')) expect(() => decode(bytes)).toThrow(SpoorError);
  else expect(decode(bytes).spanId).toBe('1011121314151617');
});

const IDS = '"traceId":"AAECAwQFBgcICQoLDA0ODw==","spanId":"EBESExQVFhc="';
test.each([
  { json: '[]', says: 'not the JSON of a Jaeger Span: the top level is not an object' },
  { json: '{}', says: 'traceId is missing or all zero' },
  { json: '{"traceId":"AAEC"}', says: 'traceId has 3 bytes, must be the base64 of 16 or 8' },
  { json: `{${IDS},"logs":[{"fields":[{"vType":"BOOL","vBool":1}]}]}`, says: 'logs[0].fields[0].vBool is neither' },
  { json: `{${IDS},"references":[{"refType":"PARENT"}]}`, says: 'references[0].refType is none of CHILD_OF' },
  { json: `{${IDS},"process":{"tags":{}}}`, says: 'process.tags is not an array' },
  { json: `{${IDS},"startTime":"yesterday"}`, says: 'startTime is not an RFC 3339 time' },
  { json: `{${IDS},"duration":"-1s"}`, says: 'end before 1970' },
  { json: `{${IDS},"flags":-1}`, says: 'flags is not an integer from 0 to 4294967295' },
])('JSON that is wrong says where and what: $says', ({ json, says }) => {
  expect(() => decodeJaegerSpanJson(utf8.encode(json))).toThrow(says);
});

test.each([
  { hex: '0a03000102', says: 'not a Jaeger Span: at byte 1, a trace id has 3 bytes, must have 16 or 8' },
  { hex: '12080000000000000001', says: 'at byte 0, trace_id is missing or all zero' },
  { hex: '42021005', says: 'at byte 3, v_type is not a number from 0 to 4' },
  { hex: '3203 10ffff', says: 'at byte 3, a number is cut off' },
])('a message that is wrong says where and what: $says', ({ hex, says }) => {
  expect(() => decodeJaegerSpan(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toThrow(says);
});

test('a record over the limit is refused before anything is made of it', () => {
  const bytes = new Uint8Array(2 * 1024 * 1024);
  expect(() => decodeJaegerSpan(bytes)).toThrow('the Jaeger span has 2097152 bytes, at most 1048576 are taken');
  expect(() => decodeJaegerSpanJson(bytes, { maxSpanBytes: 10 })).toThrow('at most 10 are taken');
});

test('a record of nothing but empty tags, as large as may be, takes memory in proportion', () => {
  const head = Buffer.from('0a10000102030405060708090a0b0c0d0e0f12081011121314151617', 'hex');
  const bytes = Buffer.concat([head, Buffer.alloc(1_000_000, Buffer.from('4200', 'hex'))]);
  const before = process.memoryUsage().heapUsed;
  const span = decodeJaegerSpan(bytes);
  expect(span.attributes).toHaveLength(500_000);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(256 * 1024 * 1024);
});

test('a batch of nothing but the smallest spans or references is refused, or takes memory in proportion', () => {
  const size = 4 * 1024 * 1024;
  expect(() => decodeJaegerBatch(Buffer.alloc(size, Buffer.from('0a00', 'hex')))).toThrow('more than 100000 spans');
  const smallest = Buffer.from('0a14 0a080001020304050607 12081011121314151617'.replaceAll(' ', ''), 'hex');
  const batch = (spans: number) => Buffer.alloc(spans * smallest.length, smallest);
  expect(decodeJaegerBatch(batch(100_000))).toHaveLength(100_000);
  expect(() => decodeJaegerBatch(batch(100_001))).toThrow('more than 100000 spans');
  const references = Buffer.concat([smallest.subarray(2), Buffer.alloc(1_000_000, Buffer.from('2200', 'hex'))]);
  const before = process.memoryUsage().heapUsed;
  expect(decodeJaegerSpan(references).links).toEqual([]);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(128 * 1024 * 1024);
});
