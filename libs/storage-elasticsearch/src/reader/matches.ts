import type { Attribute, AttributeValue, Span } from '@spoor/model';
import { operationNameOf, serviceNameOf } from '@spoor/model';
import { attributeText } from '@spoor/otlp';
import type { AttributeCondition, TraceQuery } from '@spoor/storage';
import { compareWithDecimal, decimalOf } from '@spoor/storage';

/** The whole query as a question to a span, for hits that the index cannot decide on. Throws `SPOOR_INVALID_REQUEST`. */
export function spanMatcher(query: TraceQuery): (span: Span) => boolean {
  const { time, serviceName, operationName, spanKind, minDurationNanos, maxDurationNanos } = query;
  const conditions = query.attributes.map(attributeMatcher);
  return (span) => {
    const duration = span.endTimeUnixNano - span.startTimeUnixNano;
    return (
      span.startTimeUnixNano >= time.startUnixNano &&
      span.startTimeUnixNano <= time.endUnixNano &&
      (serviceName === undefined || serviceNameOf(span.resource) === serviceName) &&
      (operationName === undefined || operationNameOf(span) === operationName) &&
      (spanKind === undefined || span.kind === spanKind) &&
      (minDurationNanos === undefined || duration >= minDurationNanos) &&
      (maxDurationNanos === undefined || duration <= maxDurationNanos) &&
      conditions.every((holds) => holds(span))
    );
  };
}

function attributeMatcher({ key, value, operator = 'eq' }: AttributeCondition): (span: Span) => boolean {
  const equals = equality(key, value);
  if (operator === 'eq') return equals;
  if (operator === 'ne') {
    const everySpanHas = key === 'error' || key === 'span.kind';
    return (span) => (everySpanHas || some(span, key, () => true)) && !equals(span);
  }
  const decimal = decimalOf(value);
  const isRight = {
    gt: (order: number) => order > 0,
    gte: (order: number) => order >= 0,
    lt: (order: number) => order < 0,
    lte: (order: number) => order <= 0,
  }[operator];
  return (span) =>
    some(
      span,
      key,
      (one) => (typeof one === 'bigint' || typeof one === 'number') && isRight(compareWithDecimal(one, decimal)),
    );
}

function equality(key: string, value: string): (span: Span) => boolean {
  const isText = (span: Span, text: string) => some(span, key, (one) => attributeText(one) === text);
  if (key === 'error' && (value === 'true' || value === 'false'))
    return (span) => (span.status.code === 'error' || isText(span, 'true')) === (value === 'true');
  return (span) => (key === 'span.kind' && span.kind === value) || isText(span, value);
}

/** Of the span, its resource, its scope and its events. */
function some(span: Span, key: string, holds: (value: AttributeValue) => boolean): boolean {
  const holdsIn = (attributes: readonly Attribute[]) =>
    attributes.some((attribute) => attribute.key === key && holds(attribute.value));
  return (
    holdsIn(span.attributes) ||
    holdsIn(span.resource.attributes) ||
    holdsIn(span.scope.attributes) ||
    span.events.some((event) => holdsIn(event.attributes))
  );
}
