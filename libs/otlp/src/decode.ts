import type { Attribute, Resource, Scope, Span, SpanEvent, SpanKind, SpanLink, StatusCode } from '@spoor/model';
import { SPAN_KINDS, STATUS_CODES } from '@spoor/model';
import { NO_ATTRIBUTES, readAttribute, readText } from './decode-attributes.ts';
import { malformedSpans } from './malformed.ts';
import { hex8, hexOf, texts } from './text.ts';
import { WireReader } from './wire.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const NO_EVENTS: readonly SpanEvent[] = Object.freeze([]);
const NO_LINKS: readonly SpanLink[] = Object.freeze([]);
const UNSET = Object.freeze({ code: 'unset', message: '' } as const);

/**
 * Decodes an OTLP `TracesData` message (CONTRACT §2.1), in the order of the message. All spans of a `ResourceSpans` share one
 * resource object, all of a `ScopeSpans` one scope object. Kinds and status codes that are not known become `unspecified` and
 * `unset`, invalid UTF-8 becomes U+FFFD. Throws `SPOOR_MALFORMED_SPANS`, also for a trace or span id that is none.
 */
export function decodeTraces(bytes: Uint8Array): Span[] {
  const decoder = new TraceDecoder(bytes);
  const spans = decoder.traces();
  decoder.check();
  return spans;
}

/** Decodes the `Resource` message between the two offsets, as `SpanCursor` tells them. Throws `SPOOR_MALFORMED_SPANS`. */
export function decodeResource(bytes: Uint8Array, start: number, end: number, schemaUrl: string): Resource {
  const decoder = new TraceDecoder(bytes, start, end);
  const resource = newResource(schemaUrl);
  decoder.resourceFields(resource);
  decoder.check();
  return resource;
}

/** Decodes the `InstrumentationScope` message between the two offsets. Throws `SPOOR_MALFORMED_SPANS`. */
export function decodeScope(bytes: Uint8Array, start: number, end: number, schemaUrl: string): Scope {
  const decoder = new TraceDecoder(bytes, start, end);
  const scope = newScope(schemaUrl);
  decoder.scopeFields(scope);
  decoder.check();
  return scope;
}

/** Decodes the `Span` message between the two offsets. Throws `SPOOR_MALFORMED_SPANS`. */
export function decodeSpan(bytes: Uint8Array, start: number, end: number, resource: Resource, scope: Scope): Span {
  const decoder = new TraceDecoder(bytes, start, end);
  const span = decoder.spanFields(resource, scope);
  decoder.check();
  return span;
}

function newResource(schemaUrl: string): Writable<Resource> {
  return { attributes: NO_ATTRIBUTES, droppedAttributesCount: 0, schemaUrl };
}

function newScope(schemaUrl: string): Writable<Scope> {
  return { name: '', version: '', attributes: NO_ATTRIBUTES, droppedAttributesCount: 0, schemaUrl };
}

class TraceDecoder {
  private readonly reader: WireReader;
  private lastTraceId = '';
  private lastTraceIdAt = -1;

  constructor(bytes: Uint8Array, start?: number, end?: number) {
    this.reader = new WireReader(bytes, start, end);
  }

  check(): void {
    if (this.reader.faultAt >= 0) throw malformedSpans(this.reader);
  }

  traces(): Span[] {
    const reader = this.reader;
    const spans: Span[] = [];
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) this.resourceSpans(spans);
      else reader.skip(tag);
    }
    return spans;
  }

  private resourceSpans(spans: Span[]): void {
    const reader = this.reader;
    // Filled in as its fields are met, which may be after the spans.
    const resource = newResource('');
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 18) this.scopeSpans(resource, spans);
      else if (tag === 10) {
        const resourceEnd = reader.enter();
        this.resourceFields(resource);
        reader.leave(resourceEnd);
      } else if (tag === 26) resource.schemaUrl = readText(reader, texts);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  private scopeSpans(resource: Resource, spans: Span[]): void {
    const reader = this.reader;
    const scope = newScope('');
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 18) {
        const spanEnd = reader.enter();
        const span = this.spanFields(resource, scope);
        reader.leave(spanEnd);
        spans.push(span);
      } else if (tag === 10) {
        const scopeEnd = reader.enter();
        this.scopeFields(scope);
        reader.leave(scopeEnd);
      } else if (tag === 26) scope.schemaUrl = readText(reader, texts);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  resourceFields(resource: Writable<Resource>): void {
    const reader = this.reader;
    const attributes = [...resource.attributes];
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) attributes.push(readAttribute(reader, texts));
      else if (tag === 16) resource.droppedAttributesCount = reader.varint();
      else reader.skip(tag);
    }
    resource.attributes = attributes;
  }

  scopeFields(scope: Writable<Scope>): void {
    const reader = this.reader;
    const attributes = [...scope.attributes];
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) scope.name = readText(reader, texts);
      else if (tag === 18) scope.version = readText(reader, texts);
      else if (tag === 26) attributes.push(readAttribute(reader, texts));
      else if (tag === 32) scope.droppedAttributesCount = reader.varint();
      else reader.skip(tag);
    }
    scope.attributes = attributes;
  }

  spanFields(resource: Resource, scope: Scope): Span {
    const reader = this.reader;
    const span: Writable<Span> = {
      traceId: '',
      spanId: '',
      parentSpanId: '',
      traceState: '',
      flags: 0,
      name: '',
      kind: 'unspecified',
      startTimeUnixNano: 0n,
      endTimeUnixNano: 0n,
      attributes: NO_ATTRIBUTES,
      droppedAttributesCount: 0,
      events: NO_EVENTS,
      droppedEventsCount: 0,
      links: NO_LINKS,
      droppedLinksCount: 0,
      status: UNSET,
      resource,
      scope,
    };
    let attributes: Attribute[] | undefined;
    let events: SpanEvent[] | undefined;
    let links: SpanLink[] | undefined;
    const start = reader.pos;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10:
          span.traceId = this.traceId();
          break;
        case 18:
          span.spanId = this.spanId();
          break;
        case 26:
          span.traceState = readText(reader, texts);
          break;
        case 34:
          span.parentSpanId = this.spanId();
          break;
        case 42:
          span.name = readText(reader, texts);
          break;
        case 48:
          span.kind = this.kind();
          break;
        case 57:
          span.startTimeUnixNano = this.time();
          break;
        case 65:
          span.endTimeUnixNano = this.time();
          break;
        case 74: {
          const attribute = readAttribute(reader, texts);
          if (attributes === undefined) span.attributes = attributes = [attribute];
          else attributes.push(attribute);
          break;
        }
        case 80:
          span.droppedAttributesCount = reader.varint();
          break;
        case 90:
          if (events === undefined) span.events = events = [];
          events.push(this.event());
          break;
        case 96:
          span.droppedEventsCount = reader.varint();
          break;
        case 106:
          if (links === undefined) span.links = links = [];
          links.push(this.link());
          break;
        case 112:
          span.droppedLinksCount = reader.varint();
          break;
        case 122:
          span.status = this.status(span.status);
          break;
        case 133:
          span.flags = reader.fixed32();
          break;
        default:
          reader.skip(tag);
      }
    }
    if (reader.faultAt < 0 && (span.traceId === '' || span.spanId === '')) {
      reader.pos = start;
      reader.fail('a span has no trace id of 16 bytes or no span id of 8 bytes, or they are all zero');
    }
    return span;
  }

  /** `''` when it is not 16 bytes or all zero. Neighbours are mostly of one trace and then share the string. */
  private traceId(): string {
    const reader = this.reader;
    const { bytes } = reader;
    const length = reader.length();
    const at = reader.pos;
    if (reader.faultAt >= 0) return '';
    reader.pos = at + length;
    if (length !== 16) return '';
    if (this.lastTraceIdAt >= 0 && isSame16(bytes, this.lastTraceIdAt, at)) return this.lastTraceId;
    if (isZero(bytes, at, 16)) return '';
    this.lastTraceId = hex8(bytes, at) + hex8(bytes, at + 8);
    this.lastTraceIdAt = at;
    return this.lastTraceId;
  }

  /** `''` when it is empty or all zero. */
  private spanId(): string {
    const reader = this.reader;
    const length = reader.length();
    const at = reader.pos;
    if (reader.faultAt >= 0 || length === 0) return '';
    if (length !== 8) {
      reader.fail(`a span id has ${length} bytes, must be 8`);
      return '';
    }
    reader.pos = at + 8;
    return isZero(reader.bytes, at, 8) ? '' : hex8(reader.bytes, at);
  }

  /** The id of a link: whatever it is, in hex. */
  private linkId(): string {
    const reader = this.reader;
    const length = reader.length();
    const at = reader.pos;
    if (reader.faultAt >= 0) return '';
    reader.pos = at + length;
    return hexOf(reader.bytes, at, at + length);
  }

  private kind(): SpanKind {
    const low = this.reader.varint();
    return this.reader.high === 0 ? (SPAN_KINDS[low] ?? 'unspecified') : 'unspecified';
  }

  private time(): bigint {
    const reader = this.reader;
    const at = reader.pos;
    reader.fixed64();
    return reader.faultAt < 0 ? reader.view.getBigUint64(at, true) : 0n;
  }

  private event(): SpanEvent {
    const reader = this.reader;
    let timeUnixNano = 0n;
    let name = '';
    let attributes: Attribute[] | undefined;
    let droppedAttributesCount = 0;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 9) timeUnixNano = this.time();
      else if (tag === 18) name = readText(reader, texts);
      else if (tag === 26) (attributes ??= []).push(readAttribute(reader, texts));
      else if (tag === 32) droppedAttributesCount = reader.varint();
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
    return { timeUnixNano, name, attributes: attributes ?? NO_ATTRIBUTES, droppedAttributesCount };
  }

  private link(): SpanLink {
    const reader = this.reader;
    let traceId = '';
    let spanId = '';
    let traceState = '';
    let attributes: Attribute[] | undefined;
    let droppedAttributesCount = 0;
    let flags = 0;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) traceId = this.linkId();
      else if (tag === 18) spanId = this.linkId();
      else if (tag === 26) traceState = readText(reader, texts);
      else if (tag === 34) (attributes ??= []).push(readAttribute(reader, texts));
      else if (tag === 40) droppedAttributesCount = reader.varint();
      else if (tag === 53) flags = reader.fixed32();
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
    return { traceId, spanId, traceState, attributes: attributes ?? NO_ATTRIBUTES, droppedAttributesCount, flags };
  }

  private status(before: Span['status']): Span['status'] {
    const reader = this.reader;
    let message = before.message;
    let code: StatusCode = before.code;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 18) message = readText(reader, texts);
      else if (tag === 24) {
        const low = reader.varint();
        code = reader.high === 0 ? (STATUS_CODES[low] ?? 'unset') : 'unset';
      } else reader.skip(tag);
    }
    reader.leave(outerEnd);
    return code === 'unset' && message === '' ? UNSET : { code, message };
  }
}

function isSame16(bytes: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < 16; i += 1) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}

function isZero(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i += 1) if (bytes[i] !== 0) return false;
  return true;
}
