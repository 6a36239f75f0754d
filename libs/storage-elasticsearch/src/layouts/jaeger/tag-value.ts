import type { TagValue } from '@spoor/jaeger';
import { bytesOfBase64 } from '@spoor/otlp';
import type { ExactJson } from '../layout.ts';

const INTEGER = /^[+-]?\d+$/;
const HEX = /^(?:[0-9a-f]{2})*$/;

/**
 * The value of a tag in a list. v2 writes the JSON type, v1 writes all but binary as a text; binary is hex, or base64 where
 * older releases wrote it. What does not fit its type is kept as a text.
 */
export function tagValueOf(type: ExactJson | undefined, value: ExactJson): TagValue {
  switch (type) {
    case 'string':
      return textOf(value);
    case 'bool':
      if (typeof value === 'boolean') return value;
      return value === 'true' || value === 'false' ? value === 'true' : textOf(value);
    case 'int64':
      return integerOf(value) ?? textOf(value);
    case 'float64':
      return doubleOf(value) ?? textOf(value);
    case 'binary':
      return typeof value === 'string' ? (bytesOfText(value) ?? value) : textOf(value);
    default:
      return fieldValueOf(value);
  }
}

/** The value of a field of `tag`, whose type is its JSON type. */
export function fieldValueOf(value: ExactJson): TagValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  return typeof value === 'object' ? textOf(value) : value;
}

/** Bytes as hex of an even number of lower-case digits, else as base64. */
export function bytesOfText(text: string): Uint8Array | undefined {
  return HEX.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : bytesOfBase64(text);
}

function integerOf(value: ExactJson): bigint | undefined {
  const isWhole =
    typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && INTEGER.test(value);
  if (typeof value !== 'bigint' && !isWhole) return undefined;
  const integer = BigInt(value as bigint | number | string);
  return BigInt.asIntN(64, integer) === integer ? integer : undefined;
}

/** Also infinities as Go and as JavaScript write them. */
function doubleOf(value: ExactJson): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value.replace(/^([+-]?)Inf$/, '$1Infinity'));
  return Number.isNaN(number) && value !== 'NaN' ? undefined : number;
}

function textOf(value: ExactJson): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}
