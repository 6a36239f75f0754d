import { ThriftReader } from './reader.ts';
import { MESSAGE_KINDS, type MessageHeader, type ThriftType, TYPES } from './types.ts';

/** The least bytes of a value, by its type. 0 is a type that does not exist. */
const LEAST_BYTES = [0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, 4, 1, 6, 5, 5] as const;

/** The upper half of the first word of a call that names its version. */
const VERSION_1 = 0x8001;

/** Thrift's binary protocol: big-endian numbers, lengths of four bytes. */
export class BinaryReader extends ThriftReader {
  /** Takes calls with and without a version, as Thrift's own readers do. */
  message(): MessageHeader {
    const start = this.pos;
    const first = this.i32();
    let kind: number;
    let name: string;
    if (first < 0) {
      if (first >>> 16 !== VERSION_1) this.fail('a call of another version than 1', start);
      kind = first & 0xff;
      name = this.messageName(this.string());
    } else {
      name = this.messageName(this.passOver(first, start));
      kind = this.byte();
    }
    const known = MESSAGE_KINDS[kind - 1];
    if (known === undefined) this.fail(`a call of the kind ${kind}, which does not exist`, start);
    this.i32();
    return { name, kind: known };
  }

  field(): number {
    const at = this.pos;
    const type = this.byte();
    if (type === TYPES.stop) return 0;
    this.leastBytes(type, at);
    const id = this.i16();
    // Id 0 is that of results, which nobody sends here.
    return id * 16 + type;
  }

  list(): number {
    const at = this.pos;
    const type = this.byte();
    const size = this.i32();
    if (size === 0) return 0;
    this.checkSize(size, this.leastBytes(type, at), at);
    this.elementType = type as ThriftType;
    return size;
  }

  protected map() {
    const at = this.pos;
    const keyType = this.byte();
    const valueType = this.byte();
    const size = this.i32();
    if (size !== 0) this.checkSize(size, this.leastBytes(keyType, at) + this.leastBytes(valueType, at), at);
    return { size, keyType: keyType as ThriftType, valueType: valueType as ThriftType };
  }

  bool(): boolean {
    return this.byte() !== 0;
  }

  i16(): number {
    const at = this.fixed(2);
    return this.view.getInt16(at);
  }

  i32(): number {
    const at = this.fixed(4);
    return this.view.getInt32(at);
  }

  i64(): bigint {
    const at = this.fixed(8);
    return this.view.getBigInt64(at);
  }

  double(): number {
    const at = this.fixed(8);
    return this.view.getFloat64(at);
  }

  string(): number {
    const at = this.pos;
    return this.passOver(this.i32(), at);
  }

  private leastBytes(type: number, at: number): number {
    const least = LEAST_BYTES[type] ?? 0;
    if (least === 0) this.fail(`the type ${type} does not exist`, at);
    return least;
  }

  private fixed(size: number): number {
    const at = this.pos;
    if (at + size > this.bytes.length) this.fail('the bytes end in the middle of a value');
    this.pos = at + size;
    return at;
  }
}
