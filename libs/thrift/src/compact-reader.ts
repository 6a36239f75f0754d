import { ThriftReader } from './reader.ts';
import { MESSAGE_KINDS, type MessageHeader, type ThriftType, TYPES } from './types.ts';

const PROTOCOL = 0x82;
const VERSION = 1;

/** By the numbers of the compact protocol; 1 and 2 are both booleans, whose value lies in the type. */
const TYPE_OF_NUMBER: readonly (ThriftType | undefined)[] = [
  undefined,
  TYPES.bool,
  TYPES.bool,
  TYPES.byte,
  TYPES.i16,
  TYPES.i32,
  TYPES.i64,
  TYPES.double,
  TYPES.string,
  TYPES.list,
  TYPES.set,
  TYPES.map,
  TYPES.struct,
];

/** The least bytes of a double; of everything else it is one. */
const DOUBLE_BYTES = 8;

/** Thrift's compact protocol: numbers as zigzag varints, ids of fields as differences. */
export class CompactReader extends ThriftReader {
  private lastId = 0;
  private readonly outerIds: number[] = [];
  /** The value of the boolean field whose header was read last; `undefined` where a boolean has a byte of its own. */
  private flag: boolean | undefined;
  private low = 0;
  private high = 0;

  message(): MessageHeader {
    const start = this.pos;
    if (this.byte() !== PROTOCOL) this.fail('a call that does not begin with 0x82', start);
    const versionAndKind = this.byte();
    if ((versionAndKind & 0x1f) !== VERSION) this.fail('a call of another version than 1', start);
    const kind = versionAndKind >>> 5;
    const known = MESSAGE_KINDS[kind - 1];
    if (known === undefined) this.fail(`a call of the kind ${kind}, which does not exist`, start);
    this.varint(5);
    return { name: this.messageName(this.string()), kind: known };
  }

  override enter(): void {
    super.enter();
    this.outerIds.push(this.lastId);
    this.lastId = 0;
  }

  override leave(): void {
    super.leave();
    this.lastId = this.outerIds.pop() ?? 0;
  }

  field(): number {
    const at = this.pos;
    const header = this.byte();
    if (header === 0) return 0;
    const number = header & 15;
    const type = this.typeOf(number, at);
    const delta = header >>> 4;
    this.lastId = delta === 0 ? this.i16() : this.lastId + delta;
    this.flag = type === TYPES.bool ? number === 1 : undefined;
    return this.lastId * 16 + type;
  }

  list(): number {
    const at = this.pos;
    const header = this.byte();
    let size = header >>> 4;
    if (size === 15) size = this.varint(5);
    if (size === 0) return 0;
    const type = this.typeOf(header & 15, at);
    this.checkSize(size, type === TYPES.double ? DOUBLE_BYTES : 1, at);
    this.elementType = type;
    this.flag = undefined;
    return size;
  }

  protected map() {
    const at = this.pos;
    const size = this.varint(5);
    if (size === 0) return { size, keyType: TYPES.stop, valueType: TYPES.stop };
    const types = this.byte();
    const keyType = this.typeOf(types >>> 4, at);
    const valueType = this.typeOf(types & 15, at);
    this.checkSize(size, 2, at);
    this.flag = undefined;
    return { size, keyType, valueType };
  }

  bool(): boolean {
    const { flag } = this;
    this.flag = undefined;
    return flag ?? this.byte() === 1;
  }

  i16(): number {
    return (this.i32() << 16) >> 16;
  }

  i32(): number {
    const zigzag = this.varint(5);
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  i64(): bigint {
    this.varint(10);
    const zigzag = (BigInt(this.high) << 32n) | BigInt(this.low);
    return BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n));
  }

  double(): number {
    const at = this.pos;
    if (at + DOUBLE_BYTES > this.bytes.length) this.fail('the bytes end in the middle of a value');
    this.pos = at + DOUBLE_BYTES;
    // Little-endian, as all implementations have it, whatever the specification said at first.
    return this.view.getFloat64(at, true);
  }

  string(): number {
    const at = this.pos;
    return this.passOver(this.varint(5), at);
  }

  private typeOf(number: number, at: number): ThriftType {
    const type = TYPE_OF_NUMBER[number];
    if (type === undefined) this.fail(`the type ${number} does not exist`, at);
    return type;
  }

  /** Returns the lower 32 bits, unsigned, and leaves both halves in `low` and `high`. */
  private varint(maxBytes: 5 | 10): number {
    const start = this.pos;
    let low = 0;
    let high = 0;
    for (let i = 0; i < maxBytes; i += 1) {
      const byte = this.byte();
      const bits = byte & 0x7f;
      const shift = i * 7;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.high = high >>> 0;
        this.low = low >>> 0;
        return this.low;
      }
    }
    this.fail(`a number is longer than ${maxBytes} bytes`, start);
  }
}
