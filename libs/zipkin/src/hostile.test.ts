import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Span, SpoorError } from '@spoor/model';
import { decodeTraces, encodeTraces, scanTraces } from '@spoor/otlp';
import { binaryProtocol } from '@spoor/thrift';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySpans } from '../../../test/fixtures/arbitrary-spans.ts';
import { GOLDEN_LIST } from './v1/golden-list.ts';
import { decodeZipkinV1Json } from './v1/json-decode.ts';
import { decodeZipkinThrift } from './v1/thrift-decode.ts';
import { decodeZipkinJson } from './v2/json-decode.ts';
import { encodeZipkinJson } from './v2/json-encode.ts';
import { decodeZipkinProto } from './v2/proto-decode.ts';
import { encodeZipkinProto } from './v2/proto-encode.ts';

const SEED = { seed: 9411, numRuns: 800 };
const v1Json = readFileSync(join(import.meta.dirname, '../golden/spans.v1.json'));

const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Span[]>> = {
  json: decodeZipkinJson,
  proto: decodeZipkinProto,
  v1: decodeZipkinV1Json,
  thrift: decodeZipkinThrift,
};

/** Sound bytes with some changed and the end cut off. */
function spoilt(sound: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(sound, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }), fc.option(fc.nat()))
    .map(([given, flips, cut]) => {
      const bytes = Uint8Array.from(given);
      for (const [at, byte] of flips) bytes[at % bytes.length]! ^= byte;
      return cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1));
    });
}

const some = arbitrarySpans.filter((spans) => spans.length > 0);
const SOUND: Readonly<Record<string, fc.Arbitrary<Uint8Array>>> = {
  json: some.map(encodeZipkinJson),
  proto: some.map(encodeZipkinProto),
  v1: fc.constant(v1Json),
  thrift: fc.constant(binaryProtocol.encode(GOLDEN_LIST)),
};

test.each(Object.keys(DECODERS))(
  'spoilt and random bytes as %s are refused, or are spans that OTLP can say',
  (name) => {
    const bytes = fc.oneof(spoilt(SOUND[name]!), fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          const scanned = scanTraces(encodeTraces(DECODERS[name]!(input)), { partitionCount: 1, nowMs: 2 ** 50 });
          const kept = scanned.batches.flatMap((batch) => decodeTraces(batch.bytes));
          expect(kept).toHaveLength(scanned.acceptedCount);
        } catch (error) {
          expect(error).toBeInstanceOf(SpoorError);
        }
      }),
      SEED,
    );
  },
);

/** JSON has numbers of microseconds up to 2^53, which is the year 2255. */
const before2255 = some.map((spans) =>
  spans.map((span) => ({
    ...span,
    startTimeUnixNano: BigInt.asUintN(62, span.startTimeUnixNano),
    endTimeUnixNano: BigInt.asUintN(62, span.endTimeUnixNano),
    events: span.events.map((event) => ({ ...event, timeUnixNano: BigInt.asUintN(62, event.timeUnixNano) })),
  })),
);

test('JSON and protobuf say the same of any span, and a span that was Zipkin stays as it is', () => {
  fc.assert(
    fc.property(before2255, (spans) => {
      const once = decodeZipkinProto(encodeZipkinProto(spans));
      expect(once.map(({ traceId, spanId }) => [traceId, spanId])).toEqual(
        spans.map(({ traceId, spanId }) => [traceId, spanId]),
      );
      const json = decodeZipkinJson(encodeZipkinJson(spans));
      expect(json.map(sorted)).toStrictEqual(once.map(sorted));
      const twice = decodeZipkinProto(encodeZipkinProto(once));
      expect(decodeZipkinProto(encodeZipkinProto(twice)).map(sorted)).toStrictEqual(twice.map(sorted));
    }),
    { ...SEED, numRuns: 200 },
  );
});

/** JSON objects have keys that look like numbers first. */
function sorted(span: Span): Span {
  const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
  return {
    ...span,
    attributes: span.attributes.toSorted(byKey),
    resource: { ...span.resource, attributes: span.resource.attributes.toSorted(byKey) },
    events: span.events.map((event) => ({ ...event, attributes: event.attributes.toSorted(byKey) })),
    links: span.links.map((link) => ({ ...link, attributes: link.attributes.toSorted(byKey) })),
  };
}

const corpus = join(import.meta.dirname, '../corpus');
test.each(readdirSync(corpus))('the corpus: %s', (file) => {
  const decode = DECODERS[file.split('.').at(-1)!]!;
  const bytes = readFileSync(join(corpus, file));
  if (file.startsWith('refused-')) expect(() => decode(bytes)).toThrow(SpoorError);
  else expect(decode(bytes).length).toBeGreaterThan(0);
});

test('twenty mebibytes of the smallest spans, annotations and tags are refused, or take memory in proportion', () => {
  const size = 20 * 1024 * 1024;
  const head = Buffer.from('0c00000000', 'hex');
  const emptyStructs = Buffer.alloc(size);
  head.copy(emptyStructs);
  emptyStructs.writeUInt32BE(100_000, 1);
  expect(() => decodeZipkinThrift(emptyStructs)).toThrow('the Span has no trace_id or no id');
  expect(() => decodeZipkinProto(Buffer.alloc(size, Buffer.from('0a00', 'hex')))).toThrow('trace_id is missing');
  expect(() => decodeZipkinJson(Buffer.from(`[${'{},'.repeat(size / 3 - 2)}{}]`))).toThrow('objects and arrays');
});

test('more spans than are decoded are refused, before they are', () => {
  const smallest = Buffer.from('0a14 0a080001020304050607 1a081011121314151617'.replaceAll(' ', ''), 'hex');
  const list = (spans: number) => Buffer.alloc(spans * smallest.length, smallest);
  expect(decodeZipkinProto(list(100_000))).toHaveLength(100_000);
  expect(() => decodeZipkinProto(list(100_001))).toThrow('more than 100000 spans');
  const thrift = Buffer.alloc(5 + 100_001 * 40);
  Buffer.from('0c000186a1', 'hex').copy(thrift);
  expect(() => decodeZipkinThrift(thrift)).toThrow('more than 100000 spans');
  const json = Buffer.from(`[${'{"traceId":"1","id":"1","name":"a name of some length"},'.repeat(100_000)}{}]`);
  for (const decode of [decodeZipkinJson, decodeZipkinV1Json])
    expect(() => decode(json)).toThrow('more than 100000 spans');
});
