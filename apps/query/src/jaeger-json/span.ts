import type { Scope, Span, SpanEvent, SpanLink } from '@spoor/model';
import { operationNameOf } from '@spoor/model';
import { WARNINGS_KEY, warningsOf } from '../adjust/warnings.ts';
import { legacyTraceId } from './ids.ts';
import { tagOf } from './tags.ts';
import type { JaegerLog, JaegerReference, JaegerSpan, JaegerTag } from './types.ts';

/** The link attribute that tells a CHILD_OF from a FOLLOWS_FROM (CONTRACT §2.6). */
const REFERENCE_TYPE_KEY = 'opentracing.ref_type';

/** W3C trace flags; OTLP keeps other things in the bits above them. */
const TRACE_FLAGS_MASK = 0xff;
const SAMPLED = 1;

/** A span in the JSON of the legacy API (CONTRACT §2.6, §7.3). Times are cut to microseconds. */
export function jaegerSpan(span: Span, processID: string): JaegerSpan {
  // Only `sampled` means the same to both: the next bit is `random` in W3C's flags and `debug` in the peer's.
  const flags = span.flags & TRACE_FLAGS_MASK & SAMPLED;
  return {
    traceID: legacyTraceId(span.traceId),
    spanID: span.spanId,
    ...(flags === 0 ? {} : { flags }),
    operationName: operationNameOf(span),
    references: referencesOf(span),
    startTime: Number(span.startTimeUnixNano / 1_000n),
    duration: Number((span.endTimeUnixNano - span.startTimeUnixNano) / 1_000n),
    tags: tagsOf(span),
    logs: span.events.map(logOf),
    processID,
    warnings: warningsOfSpan(span),
  };
}

function referencesOf(span: Span): JaegerReference[] {
  const references: JaegerReference[] = [];
  if (span.parentSpanId !== '')
    references.push({ refType: 'CHILD_OF', traceID: legacyTraceId(span.traceId), spanID: span.parentSpanId });
  for (const link of span.links) {
    // A link to the parent says nothing that the first reference does not say.
    if (link.traceId === span.traceId && link.spanId === span.parentSpanId) continue;
    references.push({ refType: referenceType(link), traceID: legacyTraceId(link.traceId), spanID: link.spanId });
  }
  return references;
}

function referenceType(link: SpanLink): JaegerReference['refType'] {
  const isChild = link.attributes.some(({ key, value }) => key === REFERENCE_TYPE_KEY && value === 'child_of');
  return isChild ? 'CHILD_OF' : 'FOLLOWS_FROM';
}

function tagsOf(span: Span): JaegerTag[] {
  const tags = scopeTags(span.scope);
  let hasKind = false;
  let hasError = false;
  for (const attribute of span.attributes) {
    if (attribute.key === WARNINGS_KEY) continue;
    hasKind ||= attribute.key === 'span.kind';
    hasError ||= attribute.key === 'error' && attribute.value === true;
    tags.push(tagOf(attribute));
  }
  if (span.kind !== 'unspecified' && !hasKind) tags.push({ key: 'span.kind', type: 'string', value: span.kind });
  const { code, message } = span.status;
  if (code !== 'unset') tags.push({ key: 'otel.status_code', type: 'string', value: code.toUpperCase() });
  if (code === 'error' && !hasError) tags.push({ key: 'error', type: 'bool', value: true });
  if (message !== '') tags.push({ key: 'otel.status_description', type: 'string', value: message });
  if (span.traceState !== '') tags.push({ key: 'w3c.tracestate', type: 'string', value: span.traceState });
  return tags;
}

function scopeTags(scope: Scope): JaegerTag[] {
  const tags: JaegerTag[] = [];
  if (scope.name !== '') tags.push({ key: 'otel.scope.name', type: 'string', value: scope.name });
  if (scope.version !== '') tags.push({ key: 'otel.scope.version', type: 'string', value: scope.version });
  return tags;
}

function logOf(event: SpanEvent): JaegerLog {
  const fields = event.attributes.map(tagOf);
  const needsName = event.name !== '' && !event.attributes.some(({ key }) => key === 'event');
  if (needsName) fields.unshift({ key: 'event', type: 'string', value: event.name });
  return { timestamp: Number(event.timeUnixNano / 1_000n), fields };
}

function warningsOfSpan(span: Span): readonly string[] | null {
  const attribute = span.attributes.find(({ key }) => key === WARNINGS_KEY);
  const warnings = attribute === undefined ? [] : warningsOf(attribute);
  return warnings.length === 0 ? null : warnings;
}
