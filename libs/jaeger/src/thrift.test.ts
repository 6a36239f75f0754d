import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoorError } from '@spoor/model';
import { decodeTraces, encodeTraces, scanTraces } from '@spoor/otlp';
import {
  BinaryReader,
  binaryProtocol,
  CompactReader,
  compactProtocol,
  type ThriftField,
  type ThriftReader,
  TYPES,
} from '@spoor/thrift';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeJaegerBatch, spansOfBatch } from './batch.ts';
import { decodeJaegerBatch } from './proto-decode.ts';
import { readThriftBatch } from './thrift-decode.ts';
import { GOLDEN_BATCH } from './thrift-golden.ts';

const golden = (name: string) =>
  Buffer.from(readFileSync(join(import.meta.dirname, '../golden', name), 'utf8').replace(/\s/g, ''), 'hex');

const PROTOCOLS = [
  {
    name: 'binary',
    protocol: binaryProtocol,
    open: (bytes: Uint8Array): ThriftReader => new BinaryReader(bytes, 'a Jaeger Batch'),
  },
  {
    name: 'compact',
    protocol: compactProtocol,
    open: (bytes: Uint8Array): ThriftReader => new CompactReader(bytes, 'a Jaeger Batch'),
  },
] as const;

test.each(PROTOCOLS)(
  'the golden batch in the $name protocol, byte for byte and as spans',
  ({ name, protocol, open }) => {
    const bytes = golden(`batch.thrift_${name}.hex`);
    expect(protocol.encode(GOLDEN_BATCH).toString('hex')).toBe(bytes.toString('hex'));
    const batch = readThriftBatch(open(bytes));
    expect(batch).toMatchObject({
      sequence: 4n,
      stats: { fullQueueDroppedSpans: 1n, tooLargeDroppedSpans: 2n, failedToEmitSpans: 3n },
    });
    const [span, root] = spansOfBatch(batch);
    expect(span).toMatchObject({
      traceId: '000102030405060708090a0b0c0d0e0f',
      spanId: '1011121314151617',
      parentSpanId: '2021222324252627',
      name: 'op',
      kind: 'server',
      flags: 1,
      startTimeUnixNano: 1_767_225_600_000_000_000n,
      endTimeUnixNano: 1_767_225_600_001_000_000n,
      status: { code: 'error', message: '' },
      attributes: [
        { key: 's', value: '€' },
        { key: 'f', value: 0.5 },
        { key: 'b', value: true },
        { key: 'i', value: -1n },
        { key: 'bin', value: new Uint8Array([255, 0]) },
      ],
      events: [{ timeUnixNano: 1_767_225_600_000_005_000n, name: 'e', attributes: [{ key: 'k', value: false }] }],
      links: [
        { traceId: '0000000000000000ffffffffffffffff', spanId: '3031323334353637', attributes: [] },
        {
          traceId: '000102030405060708090a0b0c0d0e0f',
          spanId: '4041424344454647',
          attributes: [{ key: 'opentracing.ref_type', value: 'child_of' }],
        },
      ],
      resource: {
        attributes: [
          { key: 'service.name', value: 'shop' },
          { key: 'host.name', value: 'h' },
        ],
      },
    });
    expect(root).toMatchObject({
      traceId: '0000000000000000fffffffffffffffe',
      spanId: '0000000000000007',
      parentSpanId: '',
    });
    expect(root?.resource).toBe(span?.resource);
    // What the agent hands on is what the collector would have read itself; the flags travel whole.
    expect(decodeJaegerBatch(encodeJaegerBatch(batch))).toStrictEqual(spansOfBatch(batch));
    expect(Buffer.from(encodeJaegerBatch(batch)).toString('hex')).toBe(
      golden('batch.jaeger_proto.hex').toString('hex'),
    );
  },
);

const SPAN: ThriftField[] = [
  [1, { type: TYPES.i64, value: 1n }],
  [2, { type: TYPES.i64, value: 0n }],
  [3, { type: TYPES.i64, value: 2n }],
  [4, { type: TYPES.i64, value: 0n }],
  [5, { type: TYPES.string, value: 'x' }],
  [7, { type: TYPES.i32, value: 0 }],
  [8, { type: TYPES.i64, value: 1_767_225_600_000_000n }],
  [9, { type: TYPES.i64, value: 1n }],
];

/** A batch of one span, some of whose fields are others. */
function batchOf(...changes: readonly ThriftField[]) {
  const span = SPAN.map((field) => changes.find(([id]) => id === field[0]) ?? field);
  for (const change of changes) if (!span.includes(change)) span.push(change);
  const bytes = compactProtocol.encode({
    type: TYPES.struct,
    value: [
      [1, { type: TYPES.struct, value: [[1, { type: TYPES.string, value: 's' }]] }],
      [2, { type: TYPES.list, elementType: TYPES.struct, value: [{ type: TYPES.struct, value: span }] }],
    ],
  });
  return readThriftBatch(new CompactReader(bytes, 'a Jaeger Batch'));
}

test('a reference to the parent is not made twice', () => {
  const parent = (traceIdHigh: bigint, type = 0): ThriftField => [
    6,
    {
      type: TYPES.list,
      elementType: TYPES.struct,
      value: [
        {
          type: TYPES.struct,
          value: [
            [1, { type: TYPES.i32, value: type }],
            [2, { type: TYPES.i64, value: 1n }],
            [3, { type: TYPES.i64, value: traceIdHigh }],
            [4, { type: TYPES.i64, value: 9n }],
          ],
        },
      ],
    },
  ];
  const parentId: ThriftField = [4, { type: TYPES.i64, value: 9n }];
  expect(batchOf(parentId, parent(0n)).spans[0]?.references).toHaveLength(1);
  expect(batchOf(parentId, parent(0n, 1)).spans[0]?.references).toMatchObject([{ type: 'FOLLOWS_FROM' }]);
  expect(batchOf(parentId, parent(1n)).spans[0]?.references).toMatchObject([
    { type: 'CHILD_OF', spanId: '0000000000000009', traceId: '00000000000000000000000000000001' },
    { type: 'CHILD_OF', spanId: '0000000000000009' },
  ]);
});

test.each([
  { change: [1, { type: TYPES.i64, value: 0n }] as const, reason: 'invalid_trace_id' },
  { change: [3, { type: TYPES.i64, value: 0n }] as const, reason: 'invalid_span_id' },
  { change: [8, { type: TYPES.i64, value: -1n }] as const, reason: 'invalid_time' },
  { change: [8, { type: TYPES.i64, value: 1n << 62n }] as const, reason: 'invalid_time' },
  { change: [9, { type: TYPES.i64, value: 1n << 62n }] as const, reason: 'invalid_time' },
  { change: [9, { type: TYPES.i64, value: -(1n << 62n) }] as const, reason: 'invalid_time' },
])('what OTLP cannot say is discarded by name: $reason', ({ change, reason }) => {
  const { rejected, acceptedCount } = scanTraces(encodeTraces(spansOfBatch(batchOf(change))), {
    partitionCount: 1,
    nowMs: 1_767_225_600_000,
  });
  expect({ acceptedCount, reasons: rejected.map((rejection) => rejection.reason) }).toEqual({
    acceptedCount: 0,
    reasons: [reason],
  });
});

test('what is not UTF-8 is kept as bytes, under names that say so', () => {
  const broken = Uint8Array.of(0x61, 0xff);
  const tag = (key: Uint8Array | string, value: Uint8Array | string) =>
    ({
      type: TYPES.struct,
      value: [
        [1, { type: TYPES.string, value: key }],
        [2, { type: TYPES.i32, value: 0 }],
        [3, { type: TYPES.string, value }],
      ],
    }) as const;
  const [span] = spansOfBatch(
    batchOf(
      [5, { type: TYPES.string, value: broken }],
      [
        10,
        {
          type: TYPES.list,
          elementType: TYPES.struct,
          value: [tag('v', broken), tag(broken, 'b'), tag(broken, broken)],
        },
      ],
    ),
  );
  expect(span).toMatchObject({
    name: 'invalid-span-name',
    attributes: [
      { key: 'v', value: broken },
      { key: 'invalid-tag-key-1', value: Uint8Array.of(0x61, 0xff, 0x3a, 0x62) },
      { key: 'invalid-tag-key-2', value: Uint8Array.of(0x61, 0xff, 0x3a, 0x61, 0xff) },
      { key: 'invalid-span-name', value: broken },
    ],
  });
});

const SEED = { seed: 11, numRuns: 1_500 };

test.each(PROTOCOLS)(
  'spoilt batches in the $name protocol are refused, or can be written and read',
  ({ protocol, open }) => {
    const sound = protocol.encode(GOLDEN_BATCH);
    const spoilt = fc
      .tuple(fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 }), fc.option(fc.nat()))
      .map(([flips, cut]) => {
        const bytes = Buffer.from(sound);
        for (const [at, byte] of flips) bytes[at % bytes.length]! ^= byte;
        return cut === null ? bytes : bytes.subarray(0, cut % (bytes.length + 1));
      });
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          const spans = spansOfBatch(readThriftBatch(open(bytes)));
          const { acceptedCount, batches } = scanTraces(encodeTraces(spans), { partitionCount: 1, nowMs: 2 ** 50 });
          expect(batches.flatMap((batch) => decodeTraces(batch.bytes))).toHaveLength(acceptedCount);
        } catch (error) {
          expect(error).toBeInstanceOf(SpoorError);
        }
      }),
      SEED,
    );
  },
);

const corpus = join(import.meta.dirname, '../corpus-thrift');
test.each(readdirSync(corpus))('the corpus: %s', (name) => {
  const bytes = readFileSync(join(corpus, name));
  const read = () => readThriftBatch(PROTOCOLS[name.endsWith('.bin') ? 0 : 1].open(bytes));
  if (name.startsWith('refused-')) expect(read).toThrow(SpoorError);
  else expect(read().spans).toHaveLength(1);
});

test.each([
  { hex: '00', says: 'at byte 0, the Batch has no process' },
  { hex: '0c0001 00', says: 'at byte 3, the Process has no serviceName' },
  { hex: '0c0001 0b0001 00000000 00 0f0002 0c 00000001 00 00', says: 'the Span lacks a compulsory field' },
  {
    hex: '0c0001 0b0001 00000000 00 0f0002 0b 00000001 00000000 00',
    says: 'a list has elements of type 11, must have',
  },
])('a batch that is wrong says where and what: $says', ({ hex, says }) => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  expect(() => readThriftBatch(new BinaryReader(bytes, 'a Jaeger Batch'))).toThrow(says);
});
