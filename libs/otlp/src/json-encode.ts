import type { Attribute, AttributeValue, Resource, Scope, Span, SpanEvent, SpanLink } from '@spoor/model';
import { SPAN_KINDS, STATUS_CODES } from '@spoor/model';
import { base64Of } from './base64.ts';
import { groupBy } from './group.ts';

/**
 * Spans as an OTLP JSON `TracesData` (CONTRACT §2.1): camelCase, ids in hex, 64-bit integers as strings, enums as numbers,
 * bytes in base64, fields that are zero or empty left out. Order and grouping as `encodeTraces` has them.
 */
export function tracesToJson(spans: readonly Span[]): string {
  let text = '';
  for (const piece of tracesToJsonPieces(spans)) text += piece;
  return text;
}

/** The same in pieces of one span each or less, for answers that are written as they are made. */
export function* tracesToJsonPieces(spans: readonly Span[]): Generator<string> {
  let separator = '{"resourceSpans":[';
  for (const resourceGroup of groupBy(spans, (span) => span.resource, resourceHead)) {
    yield `${separator}{${resourceGroup.head}"scopeSpans":[`;
    separator = '';
    for (const scopeGroup of groupBy(resourceGroup.members, (span) => span.scope, scopeHead)) {
      yield `${separator}{${scopeGroup.head}"spans":[`;
      separator = '';
      for (const span of scopeGroup.members) {
        yield separator + JSON.stringify(spanObject(span));
        separator = ',';
      }
      yield ']}';
    }
    yield ']}';
  }
  yield separator === ',' ? ']}' : '{"resourceSpans":[]}';
}

function resourceHead(resource: Resource): { head: string; content: string } {
  return headOf('resource', resource.schemaUrl, {
    attributes: attributeObjects(resource.attributes),
    droppedAttributesCount: resource.droppedAttributesCount || undefined,
  });
}

function scopeHead(scope: Scope): { head: string; content: string } {
  return headOf('scope', scope.schemaUrl, {
    name: scope.name || undefined,
    version: scope.version || undefined,
    attributes: attributeObjects(scope.attributes),
    droppedAttributesCount: scope.droppedAttributesCount || undefined,
  });
}

/** The fields before the spans, with a comma behind. */
function headOf(field: string, schemaUrl: string, message: object): { head: string; content: string } {
  const url = schemaUrl === '' ? '' : `"schemaUrl":${JSON.stringify(schemaUrl)},`;
  const head = `"${field}":${JSON.stringify(message)},${url}`;
  return { head, content: head };
}

function spanObject(span: Span): object {
  const { code, message } = span.status;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.traceState || undefined,
    parentSpanId: span.parentSpanId || undefined,
    flags: span.flags || undefined,
    name: span.name || undefined,
    kind: SPAN_KINDS.indexOf(span.kind) || undefined,
    startTimeUnixNano: nanos(span.startTimeUnixNano),
    endTimeUnixNano: nanos(span.endTimeUnixNano),
    attributes: attributeObjects(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount || undefined,
    events: span.events.length === 0 ? undefined : span.events.map(eventObject),
    droppedEventsCount: span.droppedEventsCount || undefined,
    links: span.links.length === 0 ? undefined : span.links.map(linkObject),
    droppedLinksCount: span.droppedLinksCount || undefined,
    status:
      code === 'unset' && message === ''
        ? undefined
        : { message: message || undefined, code: STATUS_CODES.indexOf(code) || undefined },
  };
}

function eventObject(event: SpanEvent): object {
  return {
    timeUnixNano: nanos(event.timeUnixNano),
    name: event.name || undefined,
    attributes: attributeObjects(event.attributes),
    droppedAttributesCount: event.droppedAttributesCount || undefined,
  };
}

function linkObject(link: SpanLink): object {
  return {
    traceId: link.traceId || undefined,
    spanId: link.spanId || undefined,
    traceState: link.traceState || undefined,
    attributes: attributeObjects(link.attributes),
    droppedAttributesCount: link.droppedAttributesCount || undefined,
    flags: link.flags || undefined,
  };
}

function nanos(time: bigint): string | undefined {
  return time === 0n ? undefined : String(time);
}

function attributeObjects(attributes: readonly Attribute[]): object[] | undefined {
  return attributes.length === 0 ? undefined : attributes.map(attributeObject);
}

function attributeObject(attribute: Attribute): object {
  return { key: attribute.key, value: valueObject(attribute.value) };
}

function valueObject(value: AttributeValue): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: doubleValue(value) };
  if (value instanceof Uint8Array) return { bytesValue: base64Of(value) };
  if (isList(value)) return { arrayValue: { values: value.map(valueObject) } };
  return { kvlistValue: { values: value.entries.map(attributeObject) } };
}

/** JSON has no NaN, no infinities, and JavaScript writes −0 without its sign. */
function doubleValue(value: number): number | string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
