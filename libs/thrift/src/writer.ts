import { MESSAGE_KINDS, type MessageKind, type ThriftType, TYPES } from './types.ts';

/** A value with its type. Structs are lists of fields, so that they can be as wrong as a test wants them. */
export type ThriftValue =
  | { readonly type: typeof TYPES.bool; readonly value: boolean }
  | { readonly type: typeof TYPES.byte | typeof TYPES.i16 | typeof TYPES.i32; readonly value: number }
  | { readonly type: typeof TYPES.i64; readonly value: bigint }
  | { readonly type: typeof TYPES.double; readonly value: number }
  | { readonly type: typeof TYPES.string; readonly value: string | Uint8Array }
  | { readonly type: typeof TYPES.struct; readonly value: readonly ThriftField[] }
  | {
      readonly type: typeof TYPES.list | typeof TYPES.set;
      readonly elementType: ThriftType;
      readonly value: readonly ThriftValue[];
    }
  | {
      readonly type: typeof TYPES.map;
      readonly keyType: ThriftType;
      readonly valueType: ThriftType;
      readonly value: readonly (readonly [ThriftValue, ThriftValue])[];
    };

export type ThriftField = readonly [id: number, value: ThriftValue];

export interface ThriftProtocol {
  encode(value: ThriftValue): Buffer;
  /** The header of a call and behind it the struct of its arguments. */
  call(name: string, kind: MessageKind, args: readonly ThriftField[]): Buffer;
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : value;
}

/** Writes Thrift's binary protocol. Made for tests and tools: it builds many small buffers. */
export const binaryProtocol: ThriftProtocol = {
  encode: (value) => Buffer.concat([...binary(value)]),
  call(name, kind, args) {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(0x80010000 + MESSAGE_KINDS.indexOf(kind) + 1);
    return Buffer.concat([
      head,
      ...binary({ type: TYPES.string, value: name }),
      Buffer.alloc(4),
      ...binary({ type: TYPES.struct, value: args }),
    ]);
  },
};

function* binary(given: ThriftValue): Generator<Uint8Array> {
  switch (given.type) {
    case TYPES.bool:
      yield Buffer.from([given.value ? 1 : 0]);
      return;
    case TYPES.byte:
      yield Buffer.from([given.value]);
      return;
    case TYPES.i16: {
      const bytes = Buffer.alloc(2);
      bytes.writeInt16BE(given.value);
      yield bytes;
      return;
    }
    case TYPES.i32:
      yield int32(given.value);
      return;
    case TYPES.i64: {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(given.value);
      yield bytes;
      return;
    }
    case TYPES.double: {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(given.value);
      yield bytes;
      return;
    }
    case TYPES.string: {
      const bytes = bytesOf(given.value);
      yield int32(bytes.length);
      yield bytes;
      return;
    }
    case TYPES.struct:
      for (const [id, value] of given.value) {
        yield Buffer.from([value.type, (id >> 8) & 0xff, id & 0xff]);
        yield* binary(value);
      }
      yield Buffer.from([TYPES.stop]);
      return;
    case TYPES.map:
      yield Buffer.from([given.keyType, given.valueType]);
      yield int32(given.value.length);
      for (const [key, value] of given.value) {
        yield* binary(key);
        yield* binary(value);
      }
      return;
    default:
      yield Buffer.from([given.elementType]);
      yield int32(given.value.length);
      for (const element of given.value) yield* binary(element);
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Writes Thrift's compact protocol, as `binaryProtocol` does the other. */
export const compactProtocol: ThriftProtocol = {
  encode: (value) => Buffer.concat([...compact(value)]),
  call(name, kind, args) {
    const head = Buffer.from([0x82, ((MESSAGE_KINDS.indexOf(kind) + 1) << 5) | 1, 0]);
    return Buffer.concat([
      head,
      ...compact({ type: TYPES.string, value: name }),
      ...compact({ type: TYPES.struct, value: args }),
    ]);
  },
};

const COMPACT_NUMBERS: Readonly<Record<ThriftType, number>> = {
  [TYPES.stop]: 0,
  [TYPES.bool]: 1,
  [TYPES.byte]: 3,
  [TYPES.i16]: 4,
  [TYPES.i32]: 5,
  [TYPES.i64]: 6,
  [TYPES.double]: 7,
  [TYPES.string]: 8,
  [TYPES.list]: 9,
  [TYPES.set]: 10,
  [TYPES.map]: 11,
  [TYPES.struct]: 12,
};

function* compact(given: ThriftValue): Generator<Uint8Array> {
  switch (given.type) {
    case TYPES.bool:
      yield Buffer.from([given.value ? 1 : 2]);
      return;
    case TYPES.byte:
      yield Buffer.from([given.value]);
      return;
    case TYPES.i16:
    case TYPES.i32:
      yield varint(zigzag(BigInt(given.value)));
      return;
    case TYPES.i64:
      yield varint(zigzag(given.value));
      return;
    case TYPES.double: {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(given.value);
      yield bytes;
      return;
    }
    case TYPES.string: {
      const bytes = bytesOf(given.value);
      yield varint(BigInt(bytes.length));
      yield bytes;
      return;
    }
    case TYPES.struct: {
      let lastId = 0;
      for (const [id, value] of given.value) {
        const number = value.type === TYPES.bool && !value.value ? 2 : COMPACT_NUMBERS[value.type];
        const delta = id - lastId;
        if (delta > 0 && delta < 16) yield Buffer.from([(delta << 4) | number]);
        else yield Buffer.concat([Buffer.from([number]), varint(zigzag(BigInt(id)))]);
        lastId = id;
        if (value.type !== TYPES.bool) yield* compact(value);
      }
      yield Buffer.from([0]);
      return;
    }
    case TYPES.map:
      yield varint(BigInt(given.value.length));
      if (given.value.length > 0)
        yield Buffer.from([(COMPACT_NUMBERS[given.keyType] << 4) | COMPACT_NUMBERS[given.valueType]]);
      for (const [key, value] of given.value) {
        yield* compact(key);
        yield* compact(value);
      }
      return;
    default: {
      const number = COMPACT_NUMBERS[given.elementType];
      const { length } = given.value;
      if (length < 15) yield Buffer.from([(length << 4) | number]);
      else yield Buffer.concat([Buffer.from([0xf0 | number]), varint(BigInt(length))]);
      for (const element of given.value) yield* compact(element);
    }
  }
}

function zigzag(value: bigint): bigint {
  return BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
