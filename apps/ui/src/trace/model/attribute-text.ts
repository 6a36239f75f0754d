import type { Attribute, AttributeValue, KeyValueList } from '@spoor/model';

/** The value on one line, as people write it: text bare, the rest as in JSON, bytes as hex. */
export function plainText(value: AttributeValue): string {
  if (typeof value === 'string') return value;
  return jsonText(value);
}

/** What OTLP calls the value's type. */
export function typeOf(value: AttributeValue): string {
  if (value === null) return 'empty';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int64';
  if (typeof value === 'number') return 'double';
  if (value instanceof Uint8Array) return 'bytes';
  return isList(value) ? 'array' : 'map';
}

/**
 * JSON in several lines for values with an inside: arrays, maps, and text that holds a JSON object or array.
 * `undefined` for what is plain. Text that is not JSON stays as it stands.
 */
export function prettyText(value: AttributeValue): string | undefined {
  if (typeof value === 'string') {
    const first = value.trimStart()[0];
    if ((first !== '{' && first !== '[') || value.length > maxPrettyLength) return undefined;
    try {
      return JSON.stringify(JSON.parse(value), null, 2);
    } catch {
      return undefined;
    }
  }
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return undefined;
  return jsonText(value, '');
}

/** Beyond this, laying text out as JSON would be felt. */
const maxPrettyLength = 200_000;

/** With `indent` given, in several lines. Integers beyond 2^53 keep their digits. */
function jsonText(value: AttributeValue, indent?: string): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return `"${hexOf(value)}"`;
  const deeper = indent === undefined ? undefined : `${indent}  `;
  const parts = isList(value)
    ? value.map((item) => jsonText(item, deeper))
    : value.entries.map((entry) => `${JSON.stringify(entry.key)}: ${jsonText(entry.value, deeper)}`);
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}'];
  if (parts.length === 0) return `${open}${close}`;
  if (deeper === undefined) return `${open}${parts.join(', ')}${close}`;
  return `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`;
}

function isList(value: readonly AttributeValue[] | KeyValueList): value is readonly AttributeValue[] {
  return Array.isArray(value);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A JSON object of attributes for the clipboard; of two with one key the last. */
export function attributesAsJson(attributes: readonly Attribute[]): string {
  return jsonText({ entries: [...new Map(attributes.map((entry) => [entry.key, entry])).values()] }, '');
}

/** The address if the text is one that is safe to follow: http and https, nothing else. */
export function safeUrl(text: string): string | undefined {
  if (!/^https?:\/\/\S+$/i.test(text) || text.length > 8_192) return undefined;
  try {
    const url = new URL(text);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
  } catch {
    return undefined;
  }
}
