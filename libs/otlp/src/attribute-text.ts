import type { AttributeValue } from '@spoor/model';
import type { AttributeTable } from './attribute-table.ts';
import { ATTRIBUTE_STRIDE, STRING_VALUE, VALUE_END, VALUE_KIND, VALUE_START } from './attribute-table.ts';
import { readAnyValueFields } from './decode-attributes.ts';
import { malformedSpans } from './malformed.ts';
import { hexOf, texts } from './text.ts';
import { WireReader } from './wire.ts';

/**
 * An attribute's value as text: the form in which every store indexes it and every condition names it. Strings as they are;
 * `true`/`false`; integers in decimal; doubles as JavaScript prints them; bytes as lower-case hex; arrays and kvlists as JSON
 * without spaces, kvlists in their order, integers as numbers, doubles that JSON does not know (`NaN`) and bytes as strings;
 * no value as `''` (`null` inside JSON).
 */
export function attributeText(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (value instanceof Uint8Array) return hexOf(value);
  return typeof value === 'object' ? jsonText(value) : String(value);
}

function jsonText(value: AttributeValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return `"${hexOf(value)}"`;
  if (isList(value)) return `[${value.map(jsonText).join(',')}]`;
  return `{${value.entries.map((entry) => `${JSON.stringify(entry.key)}:${jsonText(entry.value)}`).join(',')}}`;
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

/** The value of row `row` of a `SpanCursor`'s attribute table, as text. */
export function attributeTextAt(bytes: Uint8Array, table: AttributeTable, row: number): string {
  return attributeText(attributeValueAt(bytes, table, row));
}

/** The value of row `row` of a `SpanCursor`'s attribute table. Throws `SPOOR_MALFORMED_SPANS`. */
export function attributeValueAt(bytes: Uint8Array, table: AttributeTable, row: number): AttributeValue {
  const start = table.cells[row * ATTRIBUTE_STRIDE + VALUE_START]!;
  const end = table.cells[row * ATTRIBUTE_STRIDE + VALUE_END]!;
  if (table.cells[row * ATTRIBUTE_STRIDE + VALUE_KIND] === STRING_VALUE) return texts.read(bytes, start, end);
  const reader = new WireReader(bytes, start, end);
  const value = readAnyValueFields(reader, texts, 0);
  if (reader.faultAt >= 0) throw malformedSpans(reader);
  return value;
}
