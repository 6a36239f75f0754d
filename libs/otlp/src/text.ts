const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Longer texts go to `TextDecoder`, whose call costs more than a short loop. */
const MAX_REMEMBERED = 40;
const SLOTS = 2048;

/**
 * Makes strings of UTF-8 bytes. Remembers short ASCII strings: attribute keys, names and most values come again and again,
 * and then share one string. Invalid UTF-8 becomes U+FFFD.
 */
export class TextReader {
  private readonly remembered: string[] = new Array<string>(SLOTS).fill('');
  private readonly units: number[] = [];

  read(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > MAX_REMEMBERED) return utf8.decode(bytes.subarray(start, end));
    let hash = length;
    let seen = 0;
    for (let i = start; i < end; i += 1) {
      const byte = bytes[i]!;
      seen |= byte;
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    if (seen > 0x7f) return utf8.decode(bytes.subarray(start, end));
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.remembered[slot]!;
    if (known.length === length && isSame(known, bytes, start)) return known;
    const units = this.units;
    units.length = length;
    for (let i = 0; i < length; i += 1) units[i] = bytes[start + i]!;
    const text = String.fromCharCode.apply(null, units);
    this.remembered[slot] = text;
    return text;
  }
}

/** Shared, so that the strings of one message are known in the next. */
export const texts = new TextReader();

function isSame(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

const DIGITS = '0123456789abcdef';
/** The two lower-case hex digits of each byte as char codes: high digit · 256 + low digit. */
const DIGIT_CODES = Uint16Array.from(
  { length: 256 },
  (_, byte) => DIGITS.charCodeAt(byte >> 4) * 256 + DIGITS.charCodeAt(byte & 15),
);
/** The two lower-case hex digits of each byte. */
const DIGIT_PAIRS = Array.from({ length: 256 }, (_, byte) => DIGITS[byte >> 4]! + DIGITS[byte & 15]!);

/** Lower-case hex of the 8 bytes at `at`. */
export function hex8(bytes: Uint8Array, at: number): string {
  const a = DIGIT_CODES[bytes[at]!]!;
  const b = DIGIT_CODES[bytes[at + 1]!]!;
  const c = DIGIT_CODES[bytes[at + 2]!]!;
  const d = DIGIT_CODES[bytes[at + 3]!]!;
  const e = DIGIT_CODES[bytes[at + 4]!]!;
  const f = DIGIT_CODES[bytes[at + 5]!]!;
  const g = DIGIT_CODES[bytes[at + 6]!]!;
  const h = DIGIT_CODES[bytes[at + 7]!]!;
  // biome-ignore format: one pair a byte
  return String.fromCharCode(
    a >> 8, a & 255, b >> 8, b & 255, c >> 8, c & 255, d >> 8, d & 255,
    e >> 8, e & 255, f >> 8, f & 255, g >> 8, g & 255, h >> 8, h & 255,
  );
}

/** Lower-case hex of the bytes from `start` to `end`. */
export function hexOf(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = '';
  for (let i = start; i < end; i += 1) text += DIGIT_PAIRS[bytes[i]!]!;
  return text;
}

const latin1 = new TextDecoder('latin1');

/** One character a byte (of Windows-1252, as the platform has it): different bytes give different texts. */
export function latin1Of(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}
