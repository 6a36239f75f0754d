import type { Attribute, AttributeValue, Resource, Scope, Span, SpanEvent, SpanLink } from '@spoor/model';
import { SPAN_KINDS, STATUS_CODES } from '@spoor/model';
import { groupBy } from './group.ts';
import { latin1Of } from './text.ts';
import { WireWriter } from './wire-writer.ts';

/**
 * Encodes spans as an OTLP `TracesData` message: what `decodeTraces` undoes. Spans of equal resources, and below them of equal
 * scopes, are put together where the first of them stands; among themselves they keep their order.
 */
export function encodeTraces(spans: readonly Span[]): Uint8Array {
  const writer = new WireWriter(Math.max(1024, spans.length * 512));
  for (const { key: resource, head, members } of groupBy(spans, (span) => span.resource, encodeResource)) {
    const resourceSpans = writer.begin(10);
    writer.raw(head);
    for (const scopeGroup of groupBy(members, (span) => span.scope, encodeScope)) {
      const scopeSpans = writer.begin(18);
      writer.raw(scopeGroup.head);
      for (const span of scopeGroup.members) {
        const start = writer.begin(18);
        writeSpan(writer, span);
        writer.end(start);
      }
      if (scopeGroup.key.schemaUrl !== '') writer.string(26, scopeGroup.key.schemaUrl);
      writer.end(scopeSpans);
    }
    if (resource.schemaUrl !== '') writer.string(26, resource.schemaUrl);
    writer.end(resourceSpans);
  }
  return writer.finish();
}

function encodeResource(resource: Resource): { head: Uint8Array; content: string } {
  const writer = new WireWriter(512);
  const start = writer.begin(10);
  writeAttributes(writer, 10, resource.attributes);
  writeCount(writer, 16, resource.droppedAttributesCount);
  writer.end(start);
  const head = writer.finish();
  return { head, content: `${resource.schemaUrl}\n${latin1Of(head)}` };
}

function encodeScope(scope: Scope): { head: Uint8Array; content: string } {
  const writer = new WireWriter(256);
  const start = writer.begin(10);
  if (scope.name !== '') writer.string(10, scope.name);
  if (scope.version !== '') writer.string(18, scope.version);
  writeAttributes(writer, 26, scope.attributes);
  writeCount(writer, 32, scope.droppedAttributesCount);
  writer.end(start);
  const head = writer.finish();
  return { head, content: `${scope.schemaUrl}\n${latin1Of(head)}` };
}

function writeSpan(writer: WireWriter, span: Span): void {
  writer.hex(10, span.traceId);
  writer.hex(18, span.spanId);
  if (span.traceState !== '') writer.string(26, span.traceState);
  if (span.parentSpanId !== '') writer.hex(34, span.parentSpanId);
  if (span.name !== '') writer.string(42, span.name);
  writeCount(writer, 48, SPAN_KINDS.indexOf(span.kind));
  if (span.startTimeUnixNano !== 0n) writer.fixed64(57, span.startTimeUnixNano);
  if (span.endTimeUnixNano !== 0n) writer.fixed64(65, span.endTimeUnixNano);
  writeAttributes(writer, 74, span.attributes);
  writeCount(writer, 80, span.droppedAttributesCount);
  for (const event of span.events) writeEvent(writer, event);
  writeCount(writer, 96, span.droppedEventsCount);
  for (const link of span.links) writeLink(writer, link);
  writeCount(writer, 112, span.droppedLinksCount);
  const { code, message } = span.status;
  if (code !== 'unset' || message !== '') {
    const start = writer.begin(122);
    if (message !== '') writer.string(18, message);
    writeCount(writer, 24, STATUS_CODES.indexOf(code));
    writer.end(start);
  }
  if (span.flags !== 0) writer.fixed32(133, span.flags);
}

function writeEvent(writer: WireWriter, event: SpanEvent): void {
  const start = writer.begin(90);
  if (event.timeUnixNano !== 0n) writer.fixed64(9, event.timeUnixNano);
  if (event.name !== '') writer.string(18, event.name);
  writeAttributes(writer, 26, event.attributes);
  writeCount(writer, 32, event.droppedAttributesCount);
  writer.end(start);
}

function writeLink(writer: WireWriter, link: SpanLink): void {
  const start = writer.begin(106);
  if (link.traceId !== '') writer.hex(10, link.traceId);
  if (link.spanId !== '') writer.hex(18, link.spanId);
  if (link.traceState !== '') writer.string(26, link.traceState);
  writeAttributes(writer, 34, link.attributes);
  writeCount(writer, 40, link.droppedAttributesCount);
  if (link.flags !== 0) writer.fixed32(53, link.flags);
  writer.end(start);
}

/** Proto3 leaves out zeros. */
function writeCount(writer: WireWriter, tag: number, value: number): void {
  if (value === 0) return;
  writer.uint32(tag);
  writer.uint32(value);
}

function writeAttributes(writer: WireWriter, tag: number, attributes: readonly Attribute[]): void {
  for (const { key, value } of attributes) {
    const start = writer.begin(tag);
    if (key !== '') writer.string(10, key);
    writeAnyValue(writer, 18, value);
    writer.end(start);
  }
}

function writeAnyValue(writer: WireWriter, tag: number, value: AttributeValue): void {
  const start = writer.begin(tag);
  if (typeof value === 'string') writer.string(10, value);
  else if (typeof value === 'boolean') {
    writer.uint32(16);
    writer.uint32(value ? 1 : 0);
  } else if (typeof value === 'bigint') {
    writer.uint32(24);
    writer.int64(value);
  } else if (typeof value === 'number') writer.double(33, value);
  else if (value instanceof Uint8Array) writer.blob(58, value);
  else if (isList(value)) {
    const inner = writer.begin(42);
    for (const element of value) writeAnyValue(writer, 10, element);
    writer.end(inner);
  } else if (value !== null) {
    const inner = writer.begin(50);
    writeAttributes(writer, 10, value.entries);
    writer.end(inner);
  }
  writer.end(start);
}

function isList(value: AttributeValue): value is readonly AttributeValue[] {
  return Array.isArray(value);
}
