import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoorError } from '@spoor/model';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BinaryReader } from './binary-reader.ts';
import { CompactReader } from './compact-reader.ts';
import type { ThriftReader } from './reader.ts';
import { MESSAGE_KINDS, type ThriftType, TYPES } from './types.ts';
import { binaryProtocol, compactProtocol, type ThriftField, type ThriftProtocol, type ThriftValue } from './writer.ts';

const SEED = { seed: 20_260_411, numRuns: 1_000 };

const PROTOCOLS: readonly {
  readonly name: string;
  readonly protocol: ThriftProtocol;
  readonly open: (bytes: Uint8Array) => ThriftReader;
}[] = [
  { name: 'binary', protocol: binaryProtocol, open: (bytes) => new BinaryReader(bytes, 'a test') },
  { name: 'compact', protocol: compactProtocol, open: (bytes) => new CompactReader(bytes, 'a test') },
];

const { value: arbitraryValue, fields: arbitraryFields } = fc.letrec<{ value: ThriftValue; fields: ThriftField[] }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthIdentifier: 'value' },
      fc.record({ type: fc.constant(TYPES.bool), value: fc.boolean() }),
      fc.record({ type: fc.constant(TYPES.byte), value: fc.nat({ max: 255 }) }),
      fc.record({ type: fc.constant(TYPES.i16), value: fc.integer({ min: -32_768, max: 32_767 }) }),
      fc.record({ type: fc.constant(TYPES.i32), value: fc.integer() }),
      fc.record({ type: fc.constant(TYPES.i64), value: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }) }),
      fc.record({ type: fc.constant(TYPES.double), value: fc.double() }),
      fc.record({ type: fc.constant(TYPES.string), value: fc.uint8Array({ maxLength: 200 }) }),
      fc.record({ type: fc.constant(TYPES.struct), value: tie('fields') }),
      fc
        .record({ element: tie('value'), size: fc.nat({ max: 20 }), type: fc.constantFrom(TYPES.list, TYPES.set) })
        .map(({ element, size, type }) => ({
          type,
          elementType: element.type,
          value: Array.from({ length: size }, () => element),
        })),
      fc.record({ key: tie('value'), value: tie('value'), size: fc.nat({ max: 3 }) }).map(({ key, value, size }) => ({
        type: TYPES.map,
        keyType: key.type,
        valueType: value.type,
        value: Array.from({ length: size }, () => [key, value] as const),
      })),
    ),
    fields: fc
      .uniqueArray(fc.tuple(fc.integer({ min: -300, max: 300 }), tie('value')), {
        maxLength: 4,
        selector: ([id]) => id,
      })
      .map((fields) => fields as unknown as ThriftField[]),
  }),
);

/** Everything but maps, which no decoder reads. */
function read(reader: ThriftReader, type: ThriftType): unknown {
  switch (type) {
    case TYPES.bool:
      return reader.bool();
    case TYPES.byte:
      return reader.byte();
    case TYPES.i16:
      return reader.i16();
    case TYPES.i32:
      return reader.i32();
    case TYPES.i64:
      return reader.i64();
    case TYPES.double:
      return reader.double();
    case TYPES.string: {
      const start = reader.string();
      return reader.bytes.slice(start, reader.pos);
    }
    case TYPES.struct: {
      reader.enter();
      const fields: unknown[] = [];
      for (let field = reader.field(); field !== 0; field = reader.field())
        fields.push([field >> 4, read(reader, (field & 15) as ThriftType)]);
      reader.leave();
      return fields;
    }
    case TYPES.list:
    case TYPES.set: {
      const size = reader.list();
      const { elementType } = reader;
      return Array.from({ length: size }, () => read(reader, elementType));
    }
    default:
      reader.skip(type);
      return 'skipped';
  }
}

function expected(given: ThriftValue): unknown {
  if (given.type === TYPES.map) return 'skipped';
  if (given.type === TYPES.struct) return given.value.map(([id, value]) => [id, expected(value)]);
  if (given.type === TYPES.list || given.type === TYPES.set) return given.value.map(expected);
  return given.value;
}

test.each(PROTOCOLS)('$name: reading undoes writing, and skipping passes over it exactly', ({ protocol, open }) => {
  fc.assert(
    fc.property(arbitraryFields, (value) => {
      const struct = { type: TYPES.struct, value } as const;
      const bytes = protocol.encode(struct);
      const reader = open(bytes);
      expect(read(reader, TYPES.struct)).toEqual(expected(struct));
      expect(reader.pos).toBe(bytes.length);
      const skipper = open(bytes);
      skipper.skip(TYPES.struct);
      expect(skipper.pos).toBe(bytes.length);
    }),
    SEED,
  );
});

/** Values inside one another, so that each spoilt byte may be a length, a type or a size. */
const spoilt = (protocol: ThriftProtocol) =>
  fc
    .tuple(
      arbitraryValue,
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
      fc.option(fc.nat({ max: 400 })),
    )
    .map(([value, flips, cut]) => {
      const bytes = protocol.encode({ type: TYPES.struct, value: [[1, value]] });
      for (const [at, byte] of flips) bytes[at % bytes.length]! ^= byte;
      return cut === null ? bytes : bytes.subarray(0, cut);
    });

test.each(PROTOCOLS)('$name: spoilt and random bytes are read or refused, never more', ({ protocol, open }) => {
  fc.assert(
    fc.property(fc.oneof(spoilt(protocol), fc.uint8Array({ maxLength: 300 })), (bytes) => {
      for (const work of [
        (reader: ThriftReader) => void read(reader, TYPES.struct),
        (reader: ThriftReader) => reader.skip(TYPES.struct),
        (reader: ThriftReader) => void reader.message(),
      ]) {
        const reader = open(bytes);
        try {
          work(reader);
        } catch (error) {
          expect(error).toBeInstanceOf(SpoorError);
        }
        expect(reader.pos).toBeLessThanOrEqual(bytes.length);
      }
    }),
    SEED,
  );
});

test.each(PROTOCOLS)('$name: the header of a call', ({ protocol, open }) => {
  for (const kind of MESSAGE_KINDS) {
    const reader = open(protocol.call('emitBatch', kind, []));
    expect(reader.message()).toEqual({ name: 'emitBatch', kind });
    reader.enter();
    expect(reader.field()).toBe(0);
  }
});

test('a call without a version, as old clients of the binary protocol write it', () => {
  const bytes = Buffer.from('00000009 656d69744261746368 04 00000000 00'.replaceAll(' ', ''), 'hex');
  expect(new BinaryReader(bytes, 'a test').message()).toEqual({ name: 'emitBatch', kind: 'oneway' });
});

const NAMES = { binary: 'bin', compact: 'cmp' } as const;
const corpus = join(import.meta.dirname, '../corpus');
test.each(readdirSync(corpus))('the corpus: %s', (file) => {
  const { open } = PROTOCOLS.find(({ name }) => file.endsWith(NAMES[name as keyof typeof NAMES]))!;
  const bytes = readFileSync(join(corpus, file));
  const skip = () => open(bytes).skip(TYPES.struct);
  if (file.startsWith('refused-')) expect(skip).toThrow(SpoorError);
  else expect(skip).not.toThrow();
});

test.each([
  { hex: '0b0001 7fffffff', says: 'at byte 3, a length of 2147483647 bytes, 0 remain' },
  { hex: '0b0001 ffffffff 00', says: 'at byte 3, a length of -1 bytes' },
  { hex: '0f0001 0c 00ffffff 00', says: 'at byte 3, 16777215 elements cannot lie in the 1 bytes that remain' },
  { hex: '0f0001 0a 00000002 0000000000000000 00', says: '2 elements cannot lie in the 9 bytes' },
  { hex: '0f0001 07 00000001 00', says: 'the type 7 does not exist' },
  { hex: '0a0001 000000', says: 'at byte 3, the bytes end in the middle of a value' },
])('binary: $says', ({ hex, says }) => {
  const reader = new BinaryReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 'a test');
  expect(() => reader.skip(TYPES.struct)).toThrow(says);
});

test.each([
  { hex: '18 ffffffff0f', says: 'at byte 1, a length of 4294967295 bytes' },
  { hex: '19 fc ffffff0f 00', says: 'elements cannot lie in the 1 bytes that remain' },
  { hex: '16 ffffffffffffffffffffff', says: 'a number is longer than 10 bytes' },
  { hex: '1d', says: 'the type 13 does not exist' },
  { hex: '1c'.repeat(17), says: 'nested more than 16 deep' },
])('compact: $says', ({ hex, says }) => {
  const reader = new CompactReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 'a test');
  expect(() => reader.skip(TYPES.struct)).toThrow(says);
});
