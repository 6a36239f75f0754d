import type { Attribute, AttributeValue, KeyValueList } from '@spoor/model';
import { base64Of } from '@spoor/otlp';
import type { Tag } from './message.ts';

/** An attribute as a tag: scalars keep their type, arrays and lists become JSON text (CONTRACT §2.6). */
export function tagOf({ key, value }: Attribute): Tag {
  if (value === null) return { key, value: '' };
  if (typeof value !== 'object' || value instanceof Uint8Array) return { key, value };
  return { key, value: jsonText(value) };
}

/** Written by hand, because an int64 must appear with all its digits, which `JSON.stringify` does not do. */
function jsonText(value: AttributeValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return JSON.stringify(base64Of(value));
  if (isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = (value as KeyValueList).entries.map(
      (entry) => `${JSON.stringify(entry.key)}:${jsonText(entry.value)}`,
    );
    return `{${entries.join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value));
  return JSON.stringify(value);
}

function isArray(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
