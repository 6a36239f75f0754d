import type { Tag } from '@spoor/jaeger';
import { base64Of } from '@spoor/otlp';
import type { JaegerTag } from './types.ts';

/** A tag in the JSON of the legacy API (CONTRACT §7.3). */
export function jaegerTag({ key, value }: Tag): JaegerTag {
  if (typeof value === 'string') return { key, type: 'string', value };
  if (typeof value === 'boolean') return { key, type: 'bool', value };
  if (typeof value === 'bigint') return { key, type: 'int64', value: integer(value) };
  if (typeof value === 'number') return { key, type: 'float64', value: Number.isFinite(value) ? value : String(value) };
  return { key, type: 'binary', value: base64Of(value) };
}

/** Integers that a double cannot hold go out as text (CONTRACT §7.3). */
function integer(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
