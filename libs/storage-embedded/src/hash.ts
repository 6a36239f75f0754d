import type { AttributeTable } from '@spoor/otlp';
import {
  ATTRIBUTE_STRIDE,
  attributeTextAt,
  BOOL_VALUE,
  INT_VALUE,
  KEY_END,
  KEY_START,
  STRING_VALUE,
  VALUE_END,
  VALUE_KIND,
  VALUE_START,
} from '@spoor/otlp';

/** A 32-bit hash of a range of bytes, four at a time (the mixing steps of MurmurHash3). */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  let pos = start;
  for (const last = end - 4; pos <= last; pos += 4) {
    let word = bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24);
    word = Math.imul(word, 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash ^= word;
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let shift = 0; pos < end; pos += 1, shift += 8) rest |= bytes[pos]! << shift;
  rest = Math.imul(rest, 0xcc9e2d51);
  hash ^= Math.imul((rest << 15) | (rest >>> 17), 0x1b873593);
  return mix(hash ^ (end - start));
}

/** Spreads every bit over all others. */
export function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Four bytes of an id as an unsigned number, the first one highest. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** What a hash stands for: each sort of term has a seed of its own. */
const ATTRIBUTE_SEED = 0x2f0b4a1d;
const OPERATION_SEED = 0x71c3e9b5;
const TRACE_SEED = 0x1b56c4e9;
const ORIGIN_SEED = 0x5d3a8f27;

const utf8 = new TextEncoder();

/** Hashes of terms. `mask` is all ones except in tests, which make collisions of it. */
export class TermHash {
  readonly mask: number;
  private readonly trueAndFalse = ['false', 'true'].map((text) => utf8.encode(text));
  private readonly digits = new Uint8Array(16);

  constructor(mask: number) {
    this.mask = mask;
  }

  attribute(key: string, text: string): number {
    const keyBytes = utf8.encode(key);
    const textBytes = utf8.encode(text);
    return this.ofParts(this.ofKey(keyBytes, 0, keyBytes.length), textBytes, 0, textBytes.length);
  }

  operation(name: string): number {
    const bytes = utf8.encode(name);
    return (hashBytes(bytes, 0, bytes.length, OPERATION_SEED) & this.mask) >>> 0;
  }

  trace(a: number, b: number, c: number, d: number): number {
    return (mix(mix(mix(mix(a ^ TRACE_SEED) ^ b) ^ c) ^ d) & this.mask) >>> 0;
  }

  origin(origin: { readonly service: string; readonly terms: readonly number[] }): number {
    const service = utf8.encode(origin.service);
    let hash = hashBytes(service, 0, service.length, ORIGIN_SEED);
    for (const term of origin.terms) hash = mix(hash ^ term) + 0x9e3779b9;
    return (mix(hash) & this.mask) >>> 0;
  }

  /** Row `row` of a cursor's attribute table: the same as `attribute` of its key and its value as text. */
  attributeRow(bytes: Uint8Array, table: AttributeTable, row: number): number {
    const { cells } = table;
    const at = row * ATTRIBUTE_STRIDE;
    const key = this.ofKey(bytes, cells[at + KEY_START]!, cells[at + KEY_END]!);
    const kind = cells[at + VALUE_KIND]!;
    const start = cells[at + VALUE_START]!;
    const end = cells[at + VALUE_END]!;
    if (kind === STRING_VALUE) return this.ofParts(key, bytes, start, end);
    if (kind === BOOL_VALUE && end - start === 2) {
      const text = this.trueAndFalse[bytes[start + 1]! === 0 ? 0 : 1]!;
      return this.ofParts(key, text, 0, text.length);
    }
    if (kind === INT_VALUE && isShortInteger(bytes, start, end)) return this.smallInteger(key, bytes, start + 1, end);
    const text = utf8.encode(attributeTextAt(bytes, table, row));
    return this.ofParts(key, text, 0, text.length);
  }

  /** An integer of at most three varint bytes, in decimal. */
  private smallInteger(key: number, bytes: Uint8Array, start: number, end: number): number {
    let value = 0;
    for (let pos = end - 1; pos >= start; pos -= 1) value = value * 128 + (bytes[pos]! & 0x7f);
    const { digits } = this;
    let at = digits.length;
    do {
      at -= 1;
      digits[at] = 0x30 + (value % 10);
      value = (value / 10) | 0;
    } while (value > 0);
    return this.ofParts(key, digits, at, digits.length);
  }

  private ofKey(bytes: Uint8Array, start: number, end: number): number {
    return hashBytes(bytes, start, end, ATTRIBUTE_SEED);
  }

  private ofParts(key: number, bytes: Uint8Array, start: number, end: number): number {
    return (hashBytes(bytes, start, end, key) & this.mask) >>> 0;
  }
}

/** Whether the `AnyValue` is nothing but an integer of at most three varint bytes. */
function isShortInteger(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 4 || bytes[start] !== 24 || bytes[end - 1]! > 0x7f) return false;
  for (let pos = start + 1; pos < end - 1; pos += 1) if (bytes[pos]! < 0x80) return false;
  return true;
}
