import type { Resource, Scope, Span, SpanEvent, SpanLink } from '@spoor/model';
import { attributeValue, SERVICE_NAME_KEY } from '@spoor/model';
import { flagsOfSpan, isFlags } from './flags.ts';
import type { Log, Process, Reference, ReferenceType, SpanMessage, Tag } from './message.ts';
import { tagOf } from './tags.ts';
import { WARNINGS_KEY, warningsOfSpan } from './warnings.ts';

/** The service name that stands for a resource without any attribute (CONTRACT §2.6). */
export const NO_SERVICE_NAME = 'OTLPResourceNoServiceName';

/** The link attribute that tells a CHILD_OF from a FOLLOWS_FROM (CONTRACT §2.6). */
export const REFERENCE_TYPE_KEY = 'opentracing.ref_type';

/**
 * A span as the peer's message (CONTRACT §2.6). Left behind are what the message has no place for: counts of what was dropped,
 * schema urls, attributes of scopes and links, links whose ids have other sizes than ids have, and all of W3C's flags but `sampled`.
 */
export function messageOfSpan(span: Span): SpanMessage {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    operationName: span.name,
    references: referencesOf(span).filter(hasWholeIds),
    flags: flagsOfSpan(span),
    startTimeUnixNano: span.startTimeUnixNano,
    durationNanos: span.endTimeUnixNano - span.startTimeUnixNano,
    tags: tagsOfSpan(span),
    logs: span.events.map(logOf),
    process: processOf(span.resource),
    warnings: warningsOfSpan(span),
  };
}

/** The parent first, as a CHILD_OF, then the links; a link to the parent is merged into it (CONTRACT §2.6). */
export function referencesOf(span: Span): Reference[] {
  const references: Reference[] = [];
  const { traceId, parentSpanId } = span;
  if (parentSpanId !== '') references.push({ type: 'CHILD_OF', traceId, spanId: parentSpanId });
  for (const link of span.links) {
    if (link.traceId === traceId && link.spanId === parentSpanId) continue;
    references.push({ type: referenceType(link), traceId: link.traceId, spanId: link.spanId });
  }
  return references;
}

/** OTLP's links may have ids of any size; a reference of another size would make the whole message unreadable. */
function hasWholeIds({ traceId, spanId }: Reference): boolean {
  return traceId.length === 32 && spanId.length === 16;
}

function referenceType(link: SpanLink): ReferenceType {
  const isChild = link.attributes.some(({ key, value }) => key === REFERENCE_TYPE_KEY && value === 'child_of');
  return isChild ? 'CHILD_OF' : 'FOLLOWS_FROM';
}

/** The span's tags: of the scope, its attributes, and what OTLP has in fields of their own. Warnings and flags are not among them. */
export function tagsOfSpan(span: Span): Tag[] {
  const tags = tagsOfScope(span.scope);
  let hasKind = false;
  let hasError = false;
  for (const attribute of span.attributes) {
    if (attribute.key === WARNINGS_KEY || isFlags(attribute)) continue;
    hasKind ||= attribute.key === 'span.kind';
    hasError ||= attribute.key === 'error' && attribute.value === true;
    tags.push(tagOf(attribute));
  }
  if (span.kind !== 'unspecified' && !hasKind) tags.push({ key: 'span.kind', value: span.kind });
  const { code, message } = span.status;
  if (code !== 'unset') tags.push({ key: 'otel.status_code', value: code.toUpperCase() });
  if (code === 'error' && !hasError) tags.push({ key: 'error', value: true });
  if (message !== '') tags.push({ key: 'otel.status_description', value: message });
  if (span.traceState !== '') tags.push({ key: 'w3c.tracestate', value: span.traceState });
  return tags;
}

function tagsOfScope(scope: Scope): Tag[] {
  const tags: Tag[] = [];
  if (scope.name !== '') tags.push({ key: 'otel.scope.name', value: scope.name });
  if (scope.version !== '') tags.push({ key: 'otel.scope.version', value: scope.version });
  return tags;
}

/** An event as a log; its name becomes the field `event`, unless an attribute has that key (CONTRACT §2.6). */
export function logOf(event: SpanEvent): Log {
  const fields = event.attributes.map(tagOf);
  const needsName = event.name !== '' && !event.attributes.some(({ key }) => key === 'event');
  if (needsName) fields.unshift({ key: 'event', value: event.name });
  return { timeUnixNano: event.timeUnixNano, fields };
}

/** Without a service name among its attributes, the process has none either. */
function processOf(resource: Resource): Process {
  if (resource.attributes.length === 0) return { serviceName: NO_SERVICE_NAME, tags: [] };
  const name = attributeValue(resource.attributes, SERVICE_NAME_KEY);
  return { serviceName: typeof name === 'string' ? name : '', tags: processTagsOf(resource) };
}

/** The resource's attributes but the service name. One of another type stays, because the name does not tell it. */
export function processTagsOf(resource: Resource): Tag[] {
  return resource.attributes
    .filter(({ key, value }) => key !== SERVICE_NAME_KEY || typeof value !== 'string')
    .map(tagOf);
}
