/** Protobuf's wire types, as the low three bits of a tag. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const GROUP_START = 3;
const GROUP_END = 4;
const FIXED32 = 5;

/** Groups inside groups that `skip` follows. No OTLP message has groups; they can only be unknown fields. */
const MAX_GROUP_DEPTH = 16;

/** Lies behind every end, so that each loop over a message stops once a fault moved the position there. */
const PAST_EVERY_END = 0x7fffffff;

/**
 * Reads protobuf from bytes. Nothing throws: a fault is sticky, moves `pos` behind every `end`, and turns all later reads
 * into zeros, so a caller reads a whole message and looks at `faultAt` once. A length is compared with the bytes that
 * remain in the enclosing message before anything relies on it.
 *
 * A message is read as
 * ```ts
 * const outerEnd = reader.enter();
 * while (reader.pos < reader.end) {
 *   const tag = reader.tag();
 *   if (tag === 10) …
 *   else reader.skip(tag);
 * }
 * reader.leave(outerEnd);
 * ```
 * A tag is `field number * 8 + wire type`: a known field with another wire type is an unknown field, as protobuf has it.
 */
export class WireReader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  pos: number;
  /** Where the message being read ends. */
  end: number;
  /** Upper half of the last 64-bit value read. */
  high = 0;
  /** Offset of the first fault, −1 while there is none. */
  faultAt = -1;
  /** What the first fault is. */
  fault = '';

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    // A Buffer has another hidden class and another `slice`: one class keeps every read monomorphic.
    this.bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = start;
    this.end = end;
  }

  /** Records a fault at the current position, unless there is one already. */
  fail(fault: string): void {
    if (this.faultAt < 0) {
      this.faultAt = Math.min(this.pos, this.bytes.length);
      this.fault = fault;
    }
    this.pos = PAST_EVERY_END;
  }

  /** Forgets the fault and goes on at `pos` in the message that ends at `end`. */
  recover(pos: number, end: number): void {
    this.faultAt = -1;
    this.fault = '';
    this.pos = pos;
    this.end = end;
  }

  /** The next tag, or 0 after a fault. */
  tag(): number {
    const pos = this.pos;
    if (pos < this.end) {
      const byte = this.bytes[pos]!;
      if (byte < 0x80 && byte > 7) {
        this.pos = pos + 1;
        return byte;
      }
    }
    return this.longTag();
  }

  private longTag(): number {
    const start = this.pos;
    const low = this.varint();
    if (this.faultAt >= 0) return 0;
    if (this.high !== 0 || low < 8) {
      this.pos = start;
      this.fail(low < 8 && this.high === 0 ? 'field number 0 does not exist' : 'field number too large');
      return 0;
    }
    return low;
  }

  /** A length, checked against the bytes that remain in this message. */
  length(): number {
    const pos = this.pos;
    const end = this.end;
    if (pos < end) {
      const byte = this.bytes[pos]!;
      if (byte < 0x80 && pos + 1 + byte <= end) {
        this.pos = pos + 1;
        return byte;
      }
    }
    return this.longLength();
  }

  private longLength(): number {
    const start = this.pos;
    const low = this.varint();
    if (this.faultAt >= 0) return 0;
    if (this.high !== 0 || low > this.end - this.pos) {
      const remaining = this.end - this.pos;
      this.pos = start;
      this.fail(`a length runs past the end of its message, which has ${remaining} bytes left`);
      return 0;
    }
    return low;
  }

  /** Enters the message that is the length-delimited field at the position. Returns what `leave` needs. */
  enter(): number {
    const outerEnd = this.end;
    const length = this.length();
    if (this.faultAt < 0) this.end = this.pos + length;
    return outerEnd;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
  }

  /** A varint of up to 64 bits: returns the lower 32 bits, unsigned; the upper ones are in `high`. */
  varint(): number {
    const bytes = this.bytes;
    const end = this.end;
    let pos = this.pos;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (pos >= end) {
        this.fail('a number is cut off');
        this.high = 0;
        return 0;
      }
      const byte = bytes[pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.pos = pos;
        this.high = high >>> 0;
        return low >>> 0;
      }
    }
    this.fail('a number is longer than 10 bytes');
    this.high = 0;
    return 0;
  }

  /** The lower half of a fixed 64-bit number, unsigned; the upper half is in `high`. */
  fixed64(): number {
    const pos = this.pos;
    if (pos + 8 > this.end) {
      this.fail('a 64-bit number is cut off');
      this.high = 0;
      return 0;
    }
    this.pos = pos + 8;
    this.high = this.view.getUint32(pos + 4, true);
    return this.view.getUint32(pos, true);
  }

  /** A fixed 32-bit number, unsigned. */
  fixed32(): number {
    const pos = this.pos;
    if (pos + 4 > this.end) {
      this.fail('a 32-bit number is cut off');
      return 0;
    }
    this.pos = pos + 4;
    return this.view.getUint32(pos, true);
  }

  /** Skips the value of an unknown field whose tag was just read. */
  skip(tag: number): void {
    this.skipValue(tag, 0);
  }

  private skipValue(tag: number, depth: number): void {
    switch (tag & 7) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.fixed64();
        return;
      case LENGTH_DELIMITED: {
        const length = this.length();
        if (this.faultAt < 0) this.pos += length;
        return;
      }
      case GROUP_START:
        this.skipGroup(tag, depth);
        return;
      case FIXED32:
        this.fixed32();
        return;
      default:
        if (this.faultAt < 0) this.fail(`wire type ${tag & 7} has no place here`);
    }
  }

  private skipGroup(startTag: number, depth: number): void {
    if (depth >= MAX_GROUP_DEPTH) {
      this.fail(`groups are nested more than ${MAX_GROUP_DEPTH} deep`);
      return;
    }
    const endTag = startTag - GROUP_START + GROUP_END;
    while (this.pos < this.end) {
      const tag = this.tag();
      if (tag === endTag) return;
      this.skipValue(tag, depth + 1);
    }
    if (this.faultAt < 0) this.fail('a group is not closed');
  }
}

/** Bytes that `value` (0 … 2³² − 1) takes as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Writes `value` (0 … 2³² − 1) as a varint at `pos` and returns the position behind it. `bytes` must have the room. */
export function putVarint(bytes: Uint8Array, pos: number, value: number): number {
  let rest = value;
  let at = pos;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}
