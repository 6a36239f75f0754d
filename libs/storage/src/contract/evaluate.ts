import type { AttributeValue, Span } from '@spoor/model';
import { operationNameOf, serviceNameOf } from '@spoor/model';
import { attributeText } from '@spoor/otlp';
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

function holds({ key, value }: AttributeCondition, span: Span): boolean {
  const values = valuesOf(span, key);
  const isError = span.status.code === 'error' || (key === 'error' && values.includes('true'));
  if (key === 'error' && value === 'true') return isError;
  if (key === 'error' && value === 'false') return !isError;
  return values.includes(value) || (key === 'span.kind' && span.kind === value);
}

function valuesOf(span: Span, key: string): string[] {
  const attributes = [
    ...span.attributes,
    ...span.resource.attributes,
    ...span.scope.attributes,
    ...span.events.flatMap((event) => event.attributes),
  ];
  return attributes
    .filter((attribute) => attribute.key === key)
    .map(({ value }) => attributeText(value as AttributeValue));
}
