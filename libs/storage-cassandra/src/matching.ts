import type { AttributeValue, Span } from '@spoor/model';
import { operationNameOf, serviceNameOf } from '@spoor/model';
import { attributeText } from '@spoor/otlp';
import type { AttributeCondition, TraceQuery } from '@spoor/storage';
import { compareWithDecimal, decimalOf } from '@spoor/storage';

/** Keys that every span has: its status and its kind stand for them. */
const SYNTHETIC_KEYS: ReadonlySet<string> = new Set(['error', 'span.kind']);

/** Whether all conditions hold on the span itself. Throws `SPOOR_INVALID_REQUEST` for a comparison with what is no number. */
export function spanMatcher(query: TraceQuery): (span: Span) => boolean {
  const { serviceName, operationName, spanKind, minDurationNanos: min, maxDurationNanos: max } = query;
  const { startUnixNano, endUnixNano } = query.time;
  const conditions = query.attributes.map(conditionOn);
  return (span) => {
    const start = span.startTimeUnixNano;
    const duration = span.endTimeUnixNano - start;
    return (
      start >= startUnixNano &&
      start <= endUnixNano &&
      (serviceName === undefined || serviceNameOf(span.resource) === serviceName) &&
      (operationName === undefined || operationNameOf(span) === operationName) &&
      (spanKind === undefined || span.kind === spanKind) &&
      (min === undefined || duration >= min) &&
      (max === undefined || duration <= max) &&
      conditions.every((holds) => holds(span))
    );
  };
}

function conditionOn(condition: AttributeCondition): (span: Span) => boolean {
  const { key, value, operator = 'eq' } = condition;
  if (operator === 'eq') return (span) => equals(condition, span, valuesOf(span, key));
  if (operator === 'ne')
    return (span) => {
      const values = valuesOf(span, key);
      return (SYNTHETIC_KEYS.has(key) || values.length > 0) && !equals(condition, span, values);
    };
  const decimal = decimalOf(value);
  return (span) =>
    valuesOf(span, key).some((one) => {
      if (typeof one !== 'bigint' && typeof one !== 'number') return false;
      const order = compareWithDecimal(one, decimal);
      if (operator === 'gt') return order > 0;
      if (operator === 'gte') return order >= 0;
      return operator === 'lt' ? order < 0 : order <= 0;
    });
}

function equals({ key, value }: AttributeCondition, span: Span, values: readonly AttributeValue[]): boolean {
  const isThere = values.some((one) => attributeText(one) === value);
  if (key === 'error' && (value === 'true' || value === 'false')) {
    const isError = span.status.code === 'error' || values.some((one) => attributeText(one) === 'true');
    return isError === (value === 'true');
  }
  return isThere || (key === 'span.kind' && span.kind === value);
}

function valuesOf(span: Span, key: string): AttributeValue[] {
  const values: AttributeValue[] = [];
  const places = [span.attributes, span.resource.attributes, span.scope.attributes];
  for (const attributes of [...places, ...span.events.map((event) => event.attributes)]) {
    for (const attribute of attributes) if (attribute.key === key) values.push(attribute.value);
  }
  return values;
}
