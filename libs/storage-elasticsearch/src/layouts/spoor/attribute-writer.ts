import type { AttributeValue } from '@spoor/model';
import {
  ATTRIBUTE_STRIDE,
  type AttributeTable,
  attributeText,
  attributeValueAt,
  BOOL_VALUE,
  BYTES_VALUE,
  base64Of,
  DOUBLE_VALUE,
  EMPTY_VALUE,
  INT_VALUE,
  KEY_END,
  KEY_START,
  STRING_VALUE,
  VALUE_END,
  VALUE_KIND,
  VALUE_START,
  WireWriter,
} from '@spoor/otlp';
import type { JsonBuffer } from '../../writer/json-buffer.ts';
import { type AttributeMembers, COMMA, QUOTE } from './members.ts';
import { MAX_NUMBER_LENGTH, putDouble, putInt64 } from './ordered-number.ts';
import { attributeTerm, MAX_KEY_BYTES, MAX_TERM_BYTES } from './term.ts';
import { TYPE } from './types.ts';

/** Bytes of a key and a string that surely make a term that needs no hashing: escapes take two bytes at most. */
const PLAIN_KEY_BYTES = MAX_KEY_BYTES / 2;
const PLAIN_TERM_BYTES = MAX_TERM_BYTES - MAX_KEY_BYTES - 1;

const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

const utf8 = new TextEncoder();
const TRUE = utf8.encode('true');
const FALSE = utf8.encode('false');

/**
 * Writes attributes as terms and types, and the numbers among them a second time in their order-preserving form. What a term
 * does not give back exactly is kept beside it, as OTLP.
 */
export class AttributeWriter {
  private types = new Uint8Array(64);
  private count = 0;
  private areAllStrings = true;
  private exact: WireWriter | undefined;
  private readonly double = new Float64Array(1);
  private readonly doubleBytes = new Uint8Array(this.double.buffer);
  private readonly digits = new Uint8Array(MAX_NUMBER_LENGTH + 1);

  /**
   * Writes the three members of rows `first` to `end` of the table, each with a comma behind it and only when it is needed, and
   * appends the numbers to `numbers`, each with a comma before it.
   */
  write(
    bytes: Uint8Array,
    table: AttributeTable,
    first: number,
    end: number,
    names: AttributeMembers,
    out: JsonBuffer,
    numbers: JsonBuffer | undefined,
  ): void {
    if (end === first) return;
    this.count = 0;
    this.areAllStrings = true;
    this.exact = undefined;
    if (this.types.length < end - first) this.types = new Uint8Array((end - first) * 2);
    out.raw(names.terms);
    out.byte(0x5b);
    for (let row = first; row < end; row += 1) {
      if (row > first) out.byte(COMMA);
      this.attribute(bytes, table, row, out, numbers);
    }
    out.byte(0x5d);
    out.byte(COMMA);
    if (!this.areAllStrings) {
      out.raw(names.types);
      out.byte(QUOTE);
      out.raw(this.types, 0, this.count);
      out.byte(QUOTE);
      out.byte(COMMA);
    }
    if (this.exact !== undefined) {
      out.raw(names.exact);
      out.byte(QUOTE);
      out.ascii(base64Of((this.exact as WireWriter).finish()));
      out.byte(QUOTE);
      out.byte(COMMA);
    }
  }

  private attribute(
    bytes: Uint8Array,
    table: AttributeTable,
    row: number,
    out: JsonBuffer,
    numbers: JsonBuffer | undefined,
  ): void {
    const { cells } = table;
    const at = row * ATTRIBUTE_STRIDE;
    const keyStart = cells[at + KEY_START]!;
    const keyEnd = cells[at + KEY_END]!;
    const kind = cells[at + VALUE_KIND]!;
    const start = cells[at + VALUE_START]!;
    const end = cells[at + VALUE_END]!;
    if (keyEnd - keyStart > PLAIN_KEY_BYTES) {
      this.rare(bytes, table, row, out, numbers);
      return;
    }
    if (kind === STRING_VALUE) {
      if (end - start > PLAIN_TERM_BYTES) {
        this.rare(bytes, table, row, out, numbers);
        return;
      }
      out.byte(QUOTE);
      putKey(out, bytes, keyStart, keyEnd);
      out.byte(EQUALS);
      out.escaped(bytes, start, end);
      out.byte(QUOTE);
      this.type(TYPE.string);
      return;
    }
    if (kind === BOOL_VALUE && end - start === 2) {
      out.byte(QUOTE);
      putKey(out, bytes, keyStart, keyEnd);
      out.byte(EQUALS);
      out.raw(bytes[start + 1] === 0 ? FALSE : TRUE);
      out.byte(QUOTE);
      this.type(TYPE.boolean);
      return;
    }
    if (kind === INT_VALUE && isShortInteger(bytes, start, end)) {
      let value = 0;
      for (let pos = end - 1; pos > start; pos -= 1) value = value * 128 + (bytes[pos]! & 0x7f);
      out.byte(QUOTE);
      putKey(out, bytes, keyStart, keyEnd);
      out.byte(EQUALS);
      out.integer(value);
      out.byte(QUOTE);
      this.type(TYPE.integer);
      if (numbers !== undefined) {
        this.number(
          bytes,
          keyStart,
          keyEnd,
          putInt64(Math.floor(value / 2 ** 32), value >>> 0, this.digits, 1),
          numbers,
        );
      }
      return;
    }
    if (kind === DOUBLE_VALUE && end - start === 9 && bytes[start] === 33) {
      for (let i = 0; i < 8; i += 1) this.doubleBytes[i] = bytes[start + 1 + i]!;
      const value = this.double[0]!;
      if (!Object.is(value, -0)) {
        out.byte(QUOTE);
        putKey(out, bytes, keyStart, keyEnd);
        out.byte(EQUALS);
        out.ascii(String(value));
        out.byte(QUOTE);
        this.type(TYPE.double);
        if (numbers === undefined) return;
        const length = putDouble(value, this.digits, 1);
        if (length > 0) this.number(bytes, keyStart, keyEnd, length, numbers);
        return;
      }
    }
    this.rare(bytes, table, row, out, numbers);
  }

  /** Any attribute, by way of objects. */
  private rare(
    bytes: Uint8Array,
    table: AttributeTable,
    row: number,
    out: JsonBuffer,
    numbers: JsonBuffer | undefined,
  ): void {
    const at = row * ATTRIBUTE_STRIDE;
    const keyStart = table.cells[at + KEY_START]!;
    const keyEnd = table.cells[at + KEY_END]!;
    const kind = table.cells[at + VALUE_KIND]!;
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + keyStart, keyEnd - keyStart).toString('utf8');
    const value = attributeValueAt(bytes, table, row);
    const text = attributeText(value);
    const term = attributeTerm(key, text);
    out.string(term);
    const isWhole = keyEnd - keyStart <= PLAIN_KEY_BYTES && text.length * 3 <= PLAIN_TERM_BYTES;
    const type = isWhole ? typeOf(kind, value) : TYPE.kept;
    this.type(type);
    if (type === TYPE.kept) this.keep(key, bytes, kind, table.cells[at + VALUE_START]!, table.cells[at + VALUE_END]!);
    if (numbers === undefined || (typeof value !== 'bigint' && typeof value !== 'number')) return;
    const length =
      typeof value === 'bigint'
        ? putInt64(Number(BigInt.asUintN(64, value) >> 32n), Number(BigInt.asUintN(32, value)), this.digits, 1)
        : putDouble(value, this.digits, 1);
    if (length === 0) return;
    const begin = utf8.encode(attributeTerm(key, '').slice(0, -1));
    this.digits[0] = EQUALS;
    numbers.byte(COMMA);
    numbers.byte(QUOTE);
    numbers.escaped(begin, 0, begin.length);
    numbers.raw(this.digits, 0, length + 1);
    numbers.byte(QUOTE);
  }

  private number(bytes: Uint8Array, keyStart: number, keyEnd: number, length: number, numbers: JsonBuffer): void {
    this.digits[0] = EQUALS;
    numbers.byte(COMMA);
    numbers.byte(QUOTE);
    putKey(numbers, bytes, keyStart, keyEnd);
    numbers.raw(this.digits, 0, length + 1);
    numbers.byte(QUOTE);
  }

  private type(letter: number): void {
    this.types[this.count++] = letter;
    if (letter !== TYPE.string) this.areAllStrings = false;
  }

  /** As a `KeyValue` of a message that holds nothing else, which is how `decodeResource` reads it. */
  private keep(key: string, bytes: Uint8Array, kind: number, start: number, end: number): void {
    const exact = (this.exact ??= new WireWriter(256));
    const entry = exact.begin(10);
    exact.string(10, key);
    if (kind === STRING_VALUE) {
      const value = exact.begin(18);
      exact.blob(10, bytes.subarray(start, end));
      exact.end(value);
    } else if (kind !== EMPTY_VALUE) exact.blob(18, bytes.subarray(start, end));
    exact.end(entry);
  }
}

/** The key as terms begin with it, and as the inside of a JSON string. */
function putKey(out: JsonBuffer, source: Uint8Array, start: number, end: number): void {
  out.reserve((end - start) * 6);
  const { bytes } = out;
  let at = out.length;
  for (let i = start; i < end; i += 1) {
    const byte = source[i]!;
    // Letters, digits, dots, underscores and dashes, which is what nearly every key is made of.
    if (byte === EQUALS || byte === BACKSLASH || byte === QUOTE || byte < 0x20) {
      putKeySlowly(out, source, start, end);
      return;
    }
    bytes[at++] = byte;
  }
  out.length = at;
}

function putKeySlowly(out: JsonBuffer, source: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i += 1) {
    const byte = source[i]!;
    if (byte === EQUALS || byte === BACKSLASH) {
      out.byte(BACKSLASH);
      out.byte(BACKSLASH);
    }
    out.escaped(source, i, i + 1);
  }
}

/** Whether the `AnyValue` is nothing but an integer from 0 to 2^49, in as few bytes as it takes. */
function isShortInteger(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > 8 || bytes[start] !== 24 || bytes[end - 1]! > 0x7f) return false;
  for (let pos = start + 1; pos < end - 1; pos += 1) if (bytes[pos]! < 0x80) return false;
  return true;
}

/** How the text of a value gives the value back; `kept` when it does not. */
function typeOf(kind: number, value: AttributeValue): number {
  switch (kind) {
    case EMPTY_VALUE:
      return TYPE.empty;
    case STRING_VALUE:
      return TYPE.string;
    case BOOL_VALUE:
      return TYPE.boolean;
    case INT_VALUE:
      return TYPE.integer;
    case DOUBLE_VALUE:
      return Object.is(value, -0) ? TYPE.kept : TYPE.double;
    case BYTES_VALUE:
      return TYPE.bytes;
    default:
      return Array.isArray(value) && value.every(isPlainElement) ? TYPE.array : TYPE.kept;
  }
}

/** Elements that JSON tells apart by itself. */
function isPlainElement(element: unknown): boolean {
  return typeof element === 'string' || typeof element === 'boolean' || typeof element === 'bigint';
}
