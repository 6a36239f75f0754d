import type { Attribute, AttributeValue } from '@spoor/model';
import { DEEPEST_ATTRIBUTE } from './limits.ts';
import type { TextReader } from './text.ts';
import { isUtf8 } from './utf8.ts';
import type { WireReader } from './wire.ts';

/** Shared by everything that has no attributes. Frozen, because it is shared. */
export const NO_ATTRIBUTES: readonly Attribute[] = Object.freeze([]);

/** Reads the `KeyValue` that the reader stands before. A value that occurs twice counts the last time. */
export function readAttribute(reader: WireReader, texts: TextReader, depth = 0): Attribute {
  let key = '';
  let value: AttributeValue = null;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) key = readText(reader, texts);
    else if (tag === 18) value = readAnyValue(reader, texts, depth);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { key, value };
}

/** Reads the `AnyValue` that the reader stands before. */
export function readAnyValue(reader: WireReader, texts: TextReader, depth: number): AttributeValue {
  const outerEnd = reader.enter();
  const value = readAnyValueFields(reader, texts, depth);
  reader.leave(outerEnd);
  return value;
}

/** Reads the `AnyValue` that the reader stands in. */
export function readAnyValueFields(reader: WireReader, texts: TextReader, depth: number): AttributeValue {
  let value: AttributeValue = null;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        value = readText(reader, texts);
        break;
      case 16:
        value = (reader.varint() | reader.high) !== 0;
        break;
      case 24:
        value = readInt64(reader);
        break;
      case 33: {
        const at = reader.pos;
        reader.fixed64();
        value = reader.faultAt < 0 ? reader.view.getFloat64(at, true) : 0;
        break;
      }
      case 42:
        value = readArray(reader, texts, depth + 1);
        break;
      case 50:
        value = { entries: readEntries(reader, texts, depth + 1) };
        break;
      case 58: {
        const length = reader.length();
        value = reader.faultAt < 0 ? reader.bytes.slice(reader.pos, reader.pos + length) : null;
        reader.pos += length;
        break;
      }
      default:
        reader.skip(tag);
    }
  }
  return value;
}

/** Reads the string that the reader stands before. Invalid UTF-8 becomes U+FFFD. */
export function readText(reader: WireReader, texts: TextReader): string {
  const length = reader.length();
  const start = reader.pos;
  if (reader.faultAt >= 0) return '';
  reader.pos = start + length;
  return texts.read(reader.bytes, start, start + length);
}

/** The text of the string that the reader stands before, or its bytes where it is not UTF-8. */
export function readTextOrBytes(reader: WireReader, texts: TextReader): string | Uint8Array {
  const length = reader.length();
  const start = reader.pos;
  if (reader.faultAt >= 0) return '';
  const end = start + length;
  reader.pos = end;
  const text = texts.read(reader.bytes, start, end);
  // U+FFFD stands for what is not UTF-8, or was sent as it is: only such texts are looked at twice.
  if (!text.includes('\ufffd') || isUtf8(reader.bytes, start, end)) return text;
  return reader.bytes.slice(start, end);
}

/** A signed 64-bit integer that is a varint. */
export function readInt64(reader: WireReader): bigint {
  const low = reader.varint();
  const high = reader.high;
  if (high === 0) return BigInt(low);
  return (BigInt(high | 0) << 32n) | BigInt(low);
}

function isTooDeep(reader: WireReader, depth: number): boolean {
  if (depth <= DEEPEST_ATTRIBUTE) return false;
  reader.fail(`an attribute value is nested more than ${DEEPEST_ATTRIBUTE} deep`);
  return true;
}

function readArray(reader: WireReader, texts: TextReader, depth: number): AttributeValue[] {
  const values: AttributeValue[] = [];
  if (isTooDeep(reader, depth)) return values;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) values.push(readAnyValue(reader, texts, depth));
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return values;
}

function readEntries(reader: WireReader, texts: TextReader, depth: number): Attribute[] {
  const entries: Attribute[] = [];
  if (isTooDeep(reader, depth)) return entries;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) entries.push(readAttribute(reader, texts, depth));
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return entries;
}
