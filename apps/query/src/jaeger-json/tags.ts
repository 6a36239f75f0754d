import type { Attribute, AttributeValue, KeyValueList } from '@spoor/model';
import type { JaegerTag } from './types.ts';

/** An attribute as a tag: scalars keep their type, arrays and lists become JSON text (CONTRACT §2.6, §7.3). */
export function tagOf({ key, value }: Attribute): JaegerTag {
  if (typeof value === 'string') return { key, type: 'string', value };
  if (typeof value === 'boolean') return { key, type: 'bool', value };
  if (typeof value === 'bigint') return { key, type: 'int64', value: integer(value) };
  if (typeof value === 'number') return { key, type: 'float64', value: Number.isFinite(value) ? value : String(value) };
  if (value === null) return { key, type: 'string', value: '' };
  if (value instanceof Uint8Array) return { key, type: 'binary', value: base64(value) };
  return { key, type: 'string', value: jsonText(value) };
}

/** Integers that a double cannot hold go out as text (CONTRACT §7.3). */
function integer(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** Written by hand, because an int64 must appear with all its digits, which `JSON.stringify` does not do. */
function jsonText(value: AttributeValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return JSON.stringify(base64(value));
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

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
