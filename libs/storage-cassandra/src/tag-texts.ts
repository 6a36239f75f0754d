import type { TagValue } from '@spoor/jaeger';
import { attributeText } from '@spoor/otlp';

/** Keys and values from here on are not in `tag_index` (CONTRACT §6.1). */
export const MAX_INDEXED_BYTES = 256;

/**
 * The texts under which a tag stands in `tag_index`: the peer's, and Spoor's own where that is another. The peer leaves bytes out,
 * and writes doubles with ten digits (CONTRACT §6.1), which would hide them from a search for what they really are.
 */
export function indexTexts(value: TagValue): readonly string[] {
  if (typeof value === 'string') return isIndexable(value) ? [value] : [];
  if (typeof value === 'number') {
    const [ours, theirs] = [attributeText(value), tenDigits(value)];
    return ours === theirs ? [ours] : [theirs, ours];
  }
  const text = attributeText(value);
  return text.length < MAX_INDEXED_BYTES ? [text] : [];
}

/** Whether a text would be in `tag_index`: short, and no JSON object (CONTRACT §6.1). */
export function isIndexable(text: string): boolean {
  return isShort(text) && !(text.startsWith('{') && isJson(text));
}

export function isShort(text: string): boolean {
  if (text.length >= MAX_INDEXED_BYTES) return false;
  return text.length * 3 < MAX_INDEXED_BYTES || Buffer.byteLength(text) < MAX_INDEXED_BYTES;
}

/** As Go's `%.10g` prints it. */
export function tenDigits(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', power = '0'] = value.toExponential(9).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 10) return withoutZeros(value.toFixed(Math.max(0, 9 - exponent)));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${withoutZeros(digits)}e${exponent < 0 ? '-' : '+'}${size}`;
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
