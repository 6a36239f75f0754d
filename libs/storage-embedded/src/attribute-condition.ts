import type { AttributeValue } from '@spoor/model';
import {
  ATTRIBUTE_STRIDE,
  type AttributeTable,
  attributeText,
  attributeValueAt,
  KEY_END,
  KEY_START,
  type SpanCursor,
} from '@spoor/otlp';
import { type AttributeCondition, type AttributeOperator, compareWithDecimal, decimalOf } from '@spoor/storage';

/** A condition on an attribute as a question to the span that a cursor stands on. */
export interface PreparedCondition {
  /** The key as it stands in the bytes of every span, resource or scope that may answer yes; absent where it need not. */
  readonly needle?: Uint8Array | undefined;
  /** Whether postings found the candidates for it. */
  readonly isPosted: boolean;
  readonly holds: (span: SpanCursor) => boolean;
}

/** `error` as `true` or `false`, equal or not, is not among them. Throws `SPOOR_INVALID_REQUEST`. */
export function prepareCondition({ key, value, operator = 'eq' }: AttributeCondition): PreparedCondition {
  const keyBytes = Buffer.from(key);
  const needle = key === '' ? undefined : keyBytes;
  const isKind = key === 'span.kind';
  const equals = (span: SpanCursor) =>
    (isKind && span.kind() === value) || some(span, keyBytes, (one) => attributeText(one) === value);
  if (operator === 'eq') return { holds: equals, isPosted: true, needle: isKind ? undefined : needle };
  if (operator === 'ne') {
    // Every span has these two.
    if (isKind || key === 'error') return { holds: (span) => !equals(span), isPosted: false };
    return { holds: (span) => some(span, keyBytes, () => true) && !equals(span), needle, isPosted: false };
  }
  const decimal = decimalOf(value);
  const compares = ORDERS[operator];
  const isSo = (one: AttributeValue) =>
    (typeof one === 'number' || typeof one === 'bigint') && compares(compareWithDecimal(one, decimal));
  return { holds: (span) => some(span, keyBytes, isSo), needle, isPosted: false };
}

const ORDERS: Readonly<Record<Exclude<AttributeOperator, 'eq' | 'ne'>, (order: number) => boolean>> = {
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
};

/** Whether any value of the key is so, of the span, its resource, its scope and its events. */
function some(span: SpanCursor, key: Uint8Array, isSo: (value: AttributeValue) => boolean): boolean {
  const { bytes } = span;
  return (
    someOf(bytes, span.spanAttributes, key, isSo) ||
    someOf(bytes, span.resourceAttributes, key, isSo) ||
    someOf(bytes, span.scopeAttributes, key, isSo) ||
    someOf(bytes, span.eventAttributes, key, isSo)
  );
}

function someOf(
  bytes: Uint8Array,
  table: AttributeTable,
  key: Uint8Array,
  isSo: (value: AttributeValue) => boolean,
): boolean {
  const { cells } = table;
  for (let row = 0; row < table.count; row += 1) {
    const start = cells[row * ATTRIBUTE_STRIDE + KEY_START]!;
    if (cells[row * ATTRIBUTE_STRIDE + KEY_END]! - start !== key.length) continue;
    let at = 0;
    while (at < key.length && bytes[start + at] === key[at]) at += 1;
    if (at === key.length && isSo(attributeValueAt(bytes, table, row))) return true;
  }
  return false;
}
