import type { Attribute, AttributeValue, Span } from '@spoor/model';
import { attributeText } from '@spoor/otlp';
import { type AttributeCondition, type AttributeOperator, compareWithDecimal, decimalOf } from '@spoor/storage';

/** The condition as a question to a span; `error` as `true` or `false` is not among them. Throws `SPOOR_INVALID_REQUEST`. */
export function conditionHolds({ key, value, operator = 'eq' }: AttributeCondition): (span: Span) => boolean {
  const equals = (span: Span) =>
    (key === 'span.kind' && span.kind === value) || some(span, key, (one) => attributeText(one) === value);
  if (operator === 'eq') return equals;
  if (operator === 'ne') {
    const everyHas = key === 'span.kind' || key === 'error';
    return (span) => (everyHas || some(span, key, () => true)) && !equals(span);
  }
  const decimal = decimalOf(value);
  const compares = ORDERS[operator];
  return (span) =>
    some(
      span,
      key,
      (one) => (typeof one === 'number' || typeof one === 'bigint') && compares(compareWithDecimal(one, decimal)),
    );
}

const ORDERS: Readonly<Record<Exclude<AttributeOperator, 'eq' | 'ne'>, (order: number) => boolean>> = {
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
};

/** Whether any value of the key is so, of the span, its resource, its scope and its events. */
function some(span: Span, key: string, isSo: (value: AttributeValue) => boolean): boolean {
  const lists: (readonly Attribute[])[] = [span.attributes, span.resource.attributes, span.scope.attributes];
  for (const event of span.events) lists.push(event.attributes);
  return lists.some((list) => list.some((attribute) => attribute.key === key && isSo(attribute.value)));
}
