import type { Attribute, Resource, Scope, Span, SpanEvent, SpanLink } from '@spoor/model';
import { SERVICE_NAME_KEY } from '@spoor/model';
import { attributeOfFlags, otlpFlagsOf } from './flags.ts';
import { NO_SERVICE_NAME, REFERENCE_TYPE_KEY } from './from-span.ts';
import type { Log, Process, Reference, SpanMessage, Tag } from './message.ts';
import { readSpanTags } from './span-tags.ts';
import { WARNINGS_KEY } from './warnings.ts';

const NO_SPAN_ID = '0'.repeat(16);
const NO_SCOPE: Scope = Object.freeze({
  name: '',
  version: '',
  attributes: Object.freeze([]),
  droppedAttributesCount: 0,
  schemaUrl: '',
});

/** The peer's message as a span (CONTRACT §2.6, the reverse). `resource` is what `resourceOf` made of its process. */
export function spanOfMessage(message: SpanMessage, resource: Resource): Span {
  const parent = parentOf(message);
  const { attributes, kind, status, traceState, scopeName, scopeVersion } = readSpanTags(message.tags);
  const flags = attributeOfFlags(message.flags);
  if (flags !== undefined) attributes.push(flags);
  if (message.warnings.length > 0) attributes.push({ key: WARNINGS_KEY, value: message.warnings });
  return {
    traceId: message.traceId,
    spanId: message.spanId,
    parentSpanId: parent?.spanId ?? '',
    traceState,
    flags: otlpFlagsOf(message.flags),
    name: message.operationName,
    kind,
    startTimeUnixNano: message.startTimeUnixNano,
    endTimeUnixNano: message.startTimeUnixNano + message.durationNanos,
    attributes,
    droppedAttributesCount: 0,
    events: message.logs.map(eventOf),
    droppedEventsCount: 0,
    links: linksOf(message, parent),
    droppedLinksCount: 0,
    status,
    resource,
    scope: scopeName === '' && scopeVersion === '' ? NO_SCOPE : { ...NO_SCOPE, name: scopeName, version: scopeVersion },
  };
}

/** The first CHILD_OF of the same trace, else the first FOLLOWS_FROM of it (CONTRACT §2.2). */
function parentOf({ references, traceId }: SpanMessage): Reference | undefined {
  const isHere = (reference: Reference) => reference.traceId === traceId && reference.spanId !== NO_SPAN_ID;
  return references.find((reference) => reference.type === 'CHILD_OF' && isHere(reference)) ?? references.find(isHere);
}

/** A parent that is a FOLLOWS_FROM is a link too, because the parent alone would not tell. */
function linksOf({ references }: SpanMessage, parent: Reference | undefined): SpanLink[] {
  const links: SpanLink[] = [];
  for (const reference of references) {
    const isParent = reference.traceId === parent?.traceId && reference.spanId === parent.spanId;
    if ((isParent && reference.type === 'CHILD_OF') || reference.spanId === NO_SPAN_ID) continue;
    // Without the attribute a link is a FOLLOWS_FROM already.
    const attributes: Attribute[] =
      reference.type === 'CHILD_OF' ? [{ key: REFERENCE_TYPE_KEY, value: 'child_of' }] : [];
    links.push({
      traceId: reference.traceId,
      spanId: reference.spanId,
      traceState: '',
      attributes,
      droppedAttributesCount: 0,
      flags: 0,
    });
  }
  return links;
}

function eventOf({ timeUnixNano, fields }: Log): SpanEvent {
  const named = fields.find(({ key, value }) => key === 'event' && typeof value === 'string');
  return {
    timeUnixNano,
    name: typeof named?.value === 'string' ? named.value : '',
    attributes: named === undefined ? fields : fields.filter((field) => field !== named),
    droppedAttributesCount: 0,
  };
}

/** A process as a resource, with the keys of today for two of the peer's clients (CONTRACT §2.6). */
export function resourceOf(process: Process | undefined): Resource {
  const attributes: Attribute[] = [];
  if (process !== undefined && process.serviceName !== NO_SERVICE_NAME) {
    if (process.serviceName !== '') attributes.push({ key: SERVICE_NAME_KEY, value: process.serviceName });
    attributes.push(...process.tags.map(resourceAttribute));
  }
  return { attributes, droppedAttributesCount: 0, schemaUrl: '' };
}

function resourceAttribute(tag: Tag): Attribute {
  if (tag.key === 'hostname') return { key: 'host.name', value: tag.value };
  if (tag.key === 'jaeger.version' && typeof tag.value === 'string')
    return { key: 'opencensus.exporterversion', value: `Jaeger-${tag.value}` };
  return tag;
}
