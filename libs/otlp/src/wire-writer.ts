import { varintSize } from './wire.ts';

/** Longer strings go to `TextEncoder`, whose call costs more than a short loop. */
const MAX_LOOPED_STRING = 48;

const utf8 = new TextEncoder();

/**
 * Writes protobuf into a buffer that grows. Messages are written forwards: `begin` leaves one byte for the length, and `end`
 * moves the message when its length takes more.
 */
export class WireWriter {
  private bytes: Uint8Array;
  private view: DataView;
  private pos = 0;

  constructor(initialBytes = 4096) {
    this.bytes = new Uint8Array(initialBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** What was written, as a copy of exactly its size. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.pos);
  }

  /** Makes room for `count` more bytes. */
  private reserve(count: number): void {
    const needed = this.pos + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  /** Where the next byte goes. */
  mark(): number {
    return this.pos;
  }

  /** Drops everything written since `mark` was taken. Fields begun since then must not be ended any more. */
  rewind(mark: number): void {
    this.pos = mark;
  }

  /** Begins a length-delimited field. Returns what `end` needs. */
  begin(tag: number): number {
    this.uint32(tag);
    this.reserve(1);
    this.pos += 1;
    return this.pos;
  }

  end(start: number): void {
    const length = this.pos - start;
    if (length > 0x7f) {
      const extra = varintSize(length) - 1;
      this.reserve(extra);
      this.bytes.copyWithin(start + extra, start, this.pos);
    }
    this.pos = start - 1;
    this.uint32(length);
    this.pos += length;
  }

  /** A varint without a tag, or a tag itself. */
  uint32(value: number): void {
    this.reserve(5);
    const bytes = this.bytes;
    let rest = value;
    while (rest > 0x7f) {
      bytes[this.pos++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.pos++] = rest;
  }

  /** A signed 64-bit integer as a varint, without a tag. Wraps what does not fit. */
  int64(value: bigint): void {
    if (value >= 0n && value <= 0xffffffffn) {
      this.uint32(Number(value));
      return;
    }
    this.reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.bytes[this.pos++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.pos++] = Number(rest);
  }

  fixed64(tag: number, value: bigint): void {
    this.uint32(tag);
    this.reserve(8);
    this.view.setBigUint64(this.pos, value, true);
    this.pos += 8;
  }

  fixed32(tag: number, value: number): void {
    this.uint32(tag);
    this.reserve(4);
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  double(tag: number, value: number): void {
    this.uint32(tag);
    this.reserve(8);
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  blob(tag: number, value: Uint8Array): void {
    this.uint32(tag);
    this.uint32(value.length);
    this.raw(value);
  }

  /** Bytes that are protobuf already. */
  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.pos);
    this.pos += value.length;
  }

  /** Lone surrogates become U+FFFD: what is written is always UTF-8. */
  string(tag: number, value: string): void {
    this.uint32(tag);
    const length = value.length;
    if (length <= MAX_LOOPED_STRING) {
      this.reserve(length + 1);
      const start = this.pos;
      const bytes = this.bytes;
      let i = 0;
      for (; i < length; i += 1) {
        const unit = value.charCodeAt(i);
        if (unit > 0x7f) break;
        bytes[start + 1 + i] = unit;
      }
      if (i === length) {
        bytes[start] = length;
        this.pos = start + 1 + length;
        return;
      }
    }
    this.reserve(length * 3 + 5);
    const lengthSize = varintSize(length);
    const at = this.pos + lengthSize;
    const written = utf8.encodeInto(value, this.bytes.subarray(at)).written;
    const extra = varintSize(written) - lengthSize;
    if (extra > 0) this.bytes.copyWithin(at + extra, at, at + written);
    this.uint32(written);
    this.pos += written;
  }

  /** Lower- or upper-case hex of an even number of digits, as bytes. */
  hex(tag: number, digits: string): void {
    const count = digits.length >>> 1;
    this.uint32(tag);
    this.uint32(count);
    this.reserve(count);
    for (let i = 0; i < count; i += 1) {
      this.bytes[this.pos++] = (nibble(digits.charCodeAt(2 * i)) << 4) | nibble(digits.charCodeAt(2 * i + 1));
    }
  }
}

function nibble(unit: number): number {
  return unit <= 0x39 ? unit - 0x30 : (unit | 0x20) - 0x57;
}
