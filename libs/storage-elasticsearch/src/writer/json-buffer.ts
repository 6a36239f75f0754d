const utf8 = new TextEncoder();
const HEX = '0123456789abcdef';
/** What stands behind the backslash for a byte of a string that cannot stand by itself; 1 for `\u00xx`, 0 for the others. */
const ESCAPES = new Uint8Array(256);
ESCAPES.fill(1, 0, 0x20);
for (const [byte, mark] of [
  ['"', '"'],
  ['\\', '\\'],
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
] as const) {
  ESCAPES[byte.charCodeAt(0)] = mark.charCodeAt(0);
}

/**
 * JSON as UTF-8 in bytes that grow. What is appended is what the caller says: it does not know whether the whole is JSON.
 * `bytes` is another array after a call that makes room.
 */
export class JsonBuffer {
  bytes: Uint8Array;
  length = 0;

  constructor(initialBytes = 4_096) {
    this.bytes = new Uint8Array(initialBytes);
  }

  clear(): void {
    this.length = 0;
  }

  /** What was written: a view, good until the next call. */
  content(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.content());
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** ASCII that is JSON as it stands. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i += 1) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Bytes that are JSON already. */
  raw(source: Uint8Array, start = 0, end: number = source.length): void {
    const count = end - start;
    this.reserve(count);
    if (count > 64) this.bytes.set(source.subarray(start, end), this.length);
    else {
      const { bytes } = this;
      let at = this.length;
      for (let i = start; i < end; i += 1) bytes[at++] = source[i]!;
    }
    this.length += count;
  }

  /** The inside of a JSON string: UTF-8, with what must be escaped escaped. */
  escaped(source: Uint8Array, start: number, end: number): void {
    // Six bytes a byte at worst; mostly one.
    this.reserve((end - start) * 6);
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < end; i += 1) {
      const byte = source[i]!;
      const mark = ESCAPES[byte]!;
      if (mark === 0) bytes[at++] = byte;
      else at = putEscape(bytes, at, byte, mark);
    }
    this.length = at;
  }

  /** The inside of a JSON string. Lone surrogates become U+FFFD. */
  escapedText(text: string): void {
    const source = utf8.encode(text);
    this.escaped(source, 0, source.length);
  }

  /** A whole JSON string. */
  string(text: string): void {
    this.byte(0x22);
    this.escapedText(text);
    this.byte(0x22);
  }

  /** Lower-case hex of `count` bytes. */
  hex(source: Uint8Array, start: number, count: number): void {
    this.reserve(count * 2);
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < start + count; i += 1) {
      const byte = source[i]!;
      bytes[at++] = HEX_DIGITS[byte >> 4]!;
      bytes[at++] = HEX_DIGITS[byte & 15]!;
    }
    this.length = at;
  }

  /** A whole number from 0 to 2^53. */
  integer(value: number): void {
    this.reserve(16);
    const { bytes } = this;
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits += 1;
    let rest = value;
    const end = this.length + digits;
    for (let at = end - 1; at >= this.length; at -= 1) {
      const next = Math.floor(rest / 10);
      bytes[at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.length = end;
  }

  /** A whole number of 64 bits without sign. */
  uint64(high: number, low: number): void {
    if (high < 0x200000) {
      this.integer(high * 0x100000000 + low);
      return;
    }
    // 2^32 is 4 · 10^9 + 294,967,296. Every product below is exact, because the upper half is taken 16 bits at a time.
    const upper = (high >>> 16) * 294_967_296;
    const billions = Math.floor(upper / 1e9);
    const rest = (upper - billions * 1e9) * 65_536 + (high & 0xffff) * 294_967_296 + low;
    const carry = Math.floor(rest / 1e9);
    this.integer(high * 4 + billions * 65_536 + carry);
    this.paddedNine(rest - carry * 1e9);
  }

  private paddedNine(value: number): void {
    this.reserve(9);
    let rest = value | 0;
    for (let at = this.length + 8; at >= this.length; at -= 1) {
      const next = (rest / 10) | 0;
      this.bytes[at] = 0x30 + (rest - next * 10);
      rest = next;
    }
    this.length += 9;
  }
}

const HEX_DIGITS = utf8.encode(HEX);

function putEscape(bytes: Uint8Array, start: number, byte: number, mark: number): number {
  let at = start;
  bytes[at++] = 0x5c;
  if (mark !== 1) {
    bytes[at++] = mark;
    return at;
  }
  bytes[at++] = 0x75;
  bytes[at++] = 0x30;
  bytes[at++] = 0x30;
  bytes[at++] = HEX_DIGITS[byte >> 4]!;
  bytes[at++] = HEX_DIGITS[byte & 15]!;
  return at;
}
