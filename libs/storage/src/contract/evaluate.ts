import type { AttributeValue, Span } from '@spoor/model';
import { operationNameOf, serviceNameOf } from '@spoor/model';
import { attributeText } from '@spoor/otlp';
import { compareWithDecimal, decimalOf } from '../decimal.ts';
import type { AttributeCondition, TraceHit, TraceQuery } from '../reader.ts';

/** The query answered the slow and obvious way: what every store's answers are compared with. All hits, whatever the limit. */
export function evaluate(query: TraceQuery, spans: readonly Span[]): TraceHit[] {
  const newest = new Map<string, bigint>();
  for (const span of spans) {
    if (!matches(query, span)) continue;
    const known = newest.get(span.traceId);
    if (known === undefined || span.startTimeUnixNano > known) newest.set(span.traceId, span.startTimeUnixNano);
  }
  return [...newest]
    .map(([traceId, newestMatchUnixNano]) => ({ traceId, newestMatchUnixNano }))
    .sort((a, b) =>
      a.newestMatchUnixNano === b.newestMatchUnixNano
        ? Number(a.traceId > b.traceId) - Number(a.traceId < b.traceId)
        : Number(b.newestMatchUnixNano - a.newestMatchUnixNano),
    );
}

export function matches(query: TraceQuery, span: Span): boolean {
  const duration = span.endTimeUnixNano - span.startTimeUnixNano;
  return (
    span.startTimeUnixNano >= query.time.startUnixNano &&
    span.startTimeUnixNano <= query.time.endUnixNano &&
    (query.serviceName === undefined || serviceNameOf(span.resource) === query.serviceName) &&
    (query.operationName === undefined || operationNameOf(span) === query.operationName) &&
    (query.spanKind === undefined || span.kind === query.spanKind) &&
    (query.minDurationNanos === undefined || duration >= query.minDurationNanos) &&
    (query.maxDurationNanos === undefined || duration <= query.maxDurationNanos) &&
    query.attributes.every((condition) => holds(condition, span))
  );
}

function holds(condition: AttributeCondition, span: Span): boolean {
  const { key, value, operator = 'eq' } = condition;
  const values = valuesOf(span, key);
  if (operator === 'eq') return equals(condition, span, values);
  if (operator === 'ne') return (SYNTHETIC_KEYS.has(key) || values.length > 0) && !equals(condition, span, values);
  const decimal = decimalOf(value);
  return values.some((one) => {
    if (typeof one !== 'bigint' && typeof one !== 'number') return false;
    const order = compareWithDecimal(one, decimal);
    if (operator === 'gt') return order > 0;
    if (operator === 'gte') return order >= 0;
    return operator === 'lt' ? order < 0 : order <= 0;
  });
}

const SYNTHETIC_KEYS: ReadonlySet<string> = new Set(['error', 'span.kind']);

function equals({ key, value }: AttributeCondition, span: Span, values: readonly AttributeValue[]): boolean {
  const texts = values.map(attributeText);
  const isError = span.status.code === 'error' || (key === 'error' && texts.includes('true'));
  if (key === 'error' && value === 'true') return isError;
  if (key === 'error' && value === 'false') return !isError;
  return texts.includes(value) || (key === 'span.kind' && span.kind === value);
}

function valuesOf(span: Span, key: string): AttributeValue[] {
  const attributes = [
    ...span.attributes,
    ...span.resource.attributes,
    ...span.scope.attributes,
    ...span.events.flatMap((event) => event.attributes),
  ];
  return attributes.filter((attribute) => attribute.key === key).map((attribute) => attribute.value);
}
