import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoorError } from '@spoor/model';
import { decodeTraces, encodeTraces } from '@spoor/otlp';
import { binaryProtocol } from '@spoor/thrift';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySpans } from '../../../test/fixtures/arbitrary-spans.ts';
import type { SpanCodec } from './codec.ts';
import { SPAN_CODECS } from './codecs.ts';
import { detectEncoding } from './detect.ts';
import { bytesOfRecord, type GoldenRecord, goldenRecords } from './golden-records.ts';
import { GOLDEN_BYTES, GOLDEN_TRACES } from './golden-traces.ts';

const directory = join(import.meta.dirname, '../golden');
const golden = (name: string) =>
  JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as readonly GoldenRecord[];
const codecs: Readonly<Record<string, SpanCodec>> = SPAN_CODECS;
const written = Object.keys(codecs).filter((name) => codecs[name]?.encode !== undefined);

test('there is a golden file for every encoding that is written', () => {
  expect(readdirSync(directory).toSorted()).toEqual(
    [...written, 'otlp_proto'].map((name) => `${name}.json`).toSorted(),
  );
});

test.each([...goldenRecords()])(
  '%s: the spans become the golden records, and come back as they were',
  (name, records) => {
    expect(records).toEqual(golden(name));
    const values = golden(name).map(bytesOfRecord);
    for (const codec of [codecs[name], SPAN_CODECS.auto]) {
      if (codec === undefined) continue;
      const spans = values.flatMap((value) => decodeTraces(codec.decode(value).bytes));
      expect(spans).toEqual(GOLDEN_TRACES);
    }
  },
);

test.each(['jaeger_proto', 'jaeger_json'] as const)('%s: a record a span, keyed with its trace id', (name) => {
  expect(SPAN_CODECS[name].encode?.(GOLDEN_BYTES).map(({ key, spanCount }) => ({ key, spanCount }))).toEqual([
    { key: '000102030405060708090a0b0c0d0e0f', spanCount: 1 },
    { key: '8182838485868788', spanCount: 1 },
  ]);
});

test.each(['otlp_json', 'zipkin_proto', 'zipkin_json'] as const)('%s: a record a batch, without a key', (name) => {
  expect(SPAN_CODECS[name].encode?.(GOLDEN_BYTES)).toEqual([{ value: expect.any(Uint8Array), spanCount: 2 }]);
});

test('zipkin_thrift is read, and known by its first byte', () => {
  const id = (field: number, value: bigint) => [field, { type: 10, value }] as const;
  const bytes = binaryProtocol.encode({
    type: 15,
    elementType: 12,
    value: [{ type: 12, value: [id(1, 1n), id(4, 2n)] }],
  });
  const { spanCount } = SPAN_CODECS.zipkin_thrift.decode(bytes);
  expect([spanCount, detectEncoding(bytes)]).toEqual([1, 'zipkin_thrift']);
});

test('OTLP JSON: what is wrong with one span is named, the others are kept', () => {
  const spans = [
    { traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: 'good' },
    { traceId: '1'.repeat(32), spanId: '3'.repeat(16), startTimeUnixNano: 'soon' },
    { traceId: '1', spanId: '4'.repeat(16) },
  ];
  const decoded = SPAN_CODECS.otlp_json.decode(
    Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })),
  );
  expect(decodeTraces(decoded.bytes).map(({ name }) => name)).toEqual(['good']);
  expect(decoded).toMatchObject({
    spanCount: 1,
    rejected: [
      { reason: 'invalid_time', spanCount: 1 },
      { reason: 'invalid_trace_id', spanCount: 1 },
    ],
  });
});

const some = arbitrarySpans.filter((spans) => spans.length > 0);

test.each(written)('%s: any batch becomes records that are known for what they are, with all its spans', (name) => {
  fc.assert(
    fc.property(some, (spans) => {
      const records = codecs[name]!.encode!(encodeTraces(spans));
      const ids = records.flatMap(({ value }) => {
        expect(detectEncoding(value)).toBe(name);
        return decodeTraces(SPAN_CODECS.auto.decode(value).bytes).map(({ spanId }) => spanId);
      });
      expect(ids.toSorted()).toEqual(spans.map(({ spanId }) => spanId).toSorted());
      expect(records.reduce((sum, { spanCount }) => sum + spanCount, 0)).toBe(spans.length);
    }),
    { seed: 4, numRuns: 150 },
  );
});

test('OTLP itself is never taken for another encoding', () => {
  fc.assert(
    fc.property(some, (spans) => {
      expect(detectEncoding(encodeTraces(spans))).toBe('otlp_proto');
    }),
    { seed: 5, numRuns: 300 },
  );
});

test.each(Object.keys(codecs))('%s: spoilt and random records are refused, or are spans', (name) => {
  const records = [...goldenRecords()].flatMap(([, list]) => list.map(bytesOfRecord));
  const spoilt = fc
    .tuple(
      fc.constantFrom(...records),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      fc.option(fc.nat()),
    )
    .map(([record, flips, cut]) => {
      const bytes = Uint8Array.from(record);
      for (const [at, byte] of flips) bytes[at % bytes.length]! ^= byte;
      return cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1));
    });
  fc.assert(
    fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 100 })), (bytes) => {
      try {
        codecs[name]!.decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(SpoorError);
      }
    }),
    { seed: 6, numRuns: 500 },
  );
});
