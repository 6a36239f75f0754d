import { SPAN_KINDS, STATUS_CODES } from '@spoor/model';
import { DEFAULT_MAX_JSON_DEPTH, notJson, parseBoundedJson } from './json-parse.ts';
import type { JsonObject } from './json-values.ts';
import { isObject, JsonFieldWriter } from './json-values.ts';
import type { ScanOptions, ScanResult, SpanFault } from './scan.ts';
import { scanTraces } from './scan.ts';
import { WireWriter } from './wire-writer.ts';

export interface JsonLimits {
  /** Objects and arrays inside one another. Default `DEFAULT_MAX_JSON_DEPTH`. */
  readonly maxJsonDepth?: number;
}

export interface JsonTraces {
  /** An OTLP `TracesData` message with a place for every span; the faulty ones are empty there. */
  readonly bytes: Uint8Array;
  /** What `scanTraces` must be told of. */
  readonly faults: ReadonlyMap<number, SpanFault>;
}

/** A request in which so many spans are wrong, each in its own way, is refused as a whole: their list would have no bound. */
const MAX_FAULTS = 10_000;

/** `scanTraces` for OTLP JSON: same result, same rejections, same errors; batches are protobuf. */
export function scanTracesJson(json: Uint8Array, options: ScanOptions & JsonLimits): ScanResult {
  const { bytes, faults } = protobufFromJson(json, options);
  return scanTraces(bytes, { ...options, faults });
}

/**
 * Converts OTLP JSON (CONTRACT §2.1) to protobuf: camelCase names, ids in hex, 64-bit integers as strings or numbers, enums as
 * numbers or names, unknown fields ignored, null as absent. What is wrong inside a span, or in the resource or scope over it, is
 * a fault of that span; text that is not JSON or not of this shape throws `SPOOR_MALFORMED_SPANS`.
 */
export function protobufFromJson(json: Uint8Array, limits: JsonLimits = {}): JsonTraces {
  const root = parseBoundedJson(json, limits.maxJsonDepth ?? DEFAULT_MAX_JSON_DEPTH);
  if (!isObject(root)) throw notJson('the top level is not an object');
  return new TraceConverter(json.length).convert(root);
}

class TraceConverter {
  private readonly writer: WireWriter;
  private readonly fields: JsonFieldWriter;
  private readonly faults = new Map<number, SpanFault>();
  private spanCount = 0;

  constructor(jsonBytes: number) {
    this.writer = new WireWriter(1024 + (jsonBytes >>> 1));
    this.fields = new JsonFieldWriter(this.writer);
  }

  convert(root: JsonObject): JsonTraces {
    for (const [i, resourceSpans] of objectsOf(root, 'resourceSpans', '')) {
      this.resourceSpans(resourceSpans, `resourceSpans[${i}].`);
    }
    return { bytes: this.writer.finish(), faults: this.faults };
  }

  private resourceSpans(resourceSpans: JsonObject, place: string): void {
    const { writer, fields } = this;
    const start = writer.begin(10);
    const fault = this.head('in its resource, ', () => {
      fields.object(10, 'resource', resourceSpans['resource'], (resource) => {
        fields.attributes(10, resource['attributes']);
        fields.count(16, 'droppedAttributesCount', resource['droppedAttributesCount']);
      });
      fields.string(26, 'schemaUrl', resourceSpans['schemaUrl']);
    });
    for (const [i, scopeSpans] of objectsOf(resourceSpans, 'scopeSpans', place)) {
      this.scopeSpans(scopeSpans, `${place}scopeSpans[${i}].`, fault);
    }
    writer.end(start);
  }

  private scopeSpans(scopeSpans: JsonObject, place: string, resourceFault: SpanFault | undefined): void {
    const { writer, fields } = this;
    const start = writer.begin(18);
    const scopeFault = this.head('in its scope, ', () => {
      fields.object(10, 'scope', scopeSpans['scope'], (scope) => {
        fields.string(10, 'name', scope['name']);
        fields.string(18, 'version', scope['version']);
        fields.attributes(26, scope['attributes']);
        fields.count(32, 'droppedAttributesCount', scope['droppedAttributesCount']);
      });
      fields.string(26, 'schemaUrl', scopeSpans['schemaUrl']);
    });
    const spans = scopeSpans['spans'];
    if (spans !== undefined && spans !== null) {
      if (!Array.isArray(spans)) throw notJson(`${place}spans is not an array`);
      for (const span of spans as unknown[]) this.span(span, resourceFault ?? scopeFault);
    }
    writer.end(start);
  }

  /** Writes what stands over spans. When it is faulty, nothing is written, and the fault is for each span under it. */
  private head(where: string, write: () => void): SpanFault | undefined {
    const { writer, fields } = this;
    const mark = writer.mark();
    write();
    const { reason } = fields;
    if (reason === undefined) return undefined;
    const fault = { reason, message: where + fields.message };
    writer.rewind(mark);
    fields.clear();
    return fault;
  }

  private span(span: unknown, headFault: SpanFault | undefined): void {
    const { writer, fields } = this;
    const mark = writer.mark();
    let fault = headFault;
    if (fault === undefined) {
      if (isObject(span)) this.spanFields(span);
      else fields.fail('the span', 'is not an object');
      if (fields.reason !== undefined) {
        fault = { reason: fields.reason, message: fields.message };
        writer.rewind(mark);
        fields.clear();
      }
    }
    if (fault !== undefined) {
      writer.end(writer.begin(18));
      this.faults.set(this.spanCount, fault);
      if (this.faults.size > MAX_FAULTS) {
        throw notJson(`more than ${MAX_FAULTS} spans are wrong, the last because ${fault.message}`);
      }
    }
    this.spanCount += 1;
  }

  private spanFields(span: JsonObject): void {
    const { writer, fields } = this;
    const start = writer.begin(18);
    fields.id(10, 'traceId', span['traceId'], 32, 'invalid_trace_id');
    fields.id(18, 'spanId', span['spanId'], 16, 'invalid_span_id');
    fields.string(26, 'traceState', span['traceState']);
    fields.id(34, 'parentSpanId', span['parentSpanId'], 16, 'invalid_parent_span_id');
    fields.string(42, 'name', span['name']);
    fields.enumeration(48, 'kind', span['kind'], 'SPAN_KIND_', SPAN_KINDS);
    fields.time(57, 'startTimeUnixNano', span['startTimeUnixNano']);
    fields.time(65, 'endTimeUnixNano', span['endTimeUnixNano']);
    fields.attributes(74, span['attributes']);
    fields.count(80, 'droppedAttributesCount', span['droppedAttributesCount']);
    fields.objects(90, 'events', span['events'], this.eventFields);
    fields.count(96, 'droppedEventsCount', span['droppedEventsCount']);
    fields.objects(106, 'links', span['links'], this.linkFields);
    fields.count(112, 'droppedLinksCount', span['droppedLinksCount']);
    fields.object(122, 'status', span['status'], this.statusFields);
    this.flags(133, span['flags']);
    writer.end(start);
  }

  private readonly eventFields = (event: JsonObject): void => {
    const { fields } = this;
    fields.time(9, 'timeUnixNano', event['timeUnixNano']);
    fields.string(18, 'name', event['name']);
    fields.attributes(26, event['attributes']);
    fields.count(32, 'droppedAttributesCount', event['droppedAttributesCount']);
  };

  private readonly linkFields = (link: JsonObject): void => {
    const { fields } = this;
    fields.id(10, 'traceId', link['traceId'], 0, 'malformed');
    fields.id(18, 'spanId', link['spanId'], 0, 'malformed');
    fields.string(26, 'traceState', link['traceState']);
    fields.attributes(34, link['attributes']);
    fields.count(40, 'droppedAttributesCount', link['droppedAttributesCount']);
    this.flags(53, link['flags']);
  };

  private readonly statusFields = (status: JsonObject): void => {
    this.fields.string(18, 'message', status['message']);
    this.fields.enumeration(24, 'code', status['code'], 'STATUS_CODE_', STATUS_CODES);
  };

  private flags(tag: number, value: unknown): void {
    const flags = this.fields.uint32('flags', value);
    if (flags !== 0) this.writer.fixed32(tag, flags);
  }
}

function* objectsOf(container: JsonObject, field: string, place: string): Generator<[number, JsonObject]> {
  const elements = container[field];
  if (elements === undefined || elements === null) return;
  if (!Array.isArray(elements)) throw notJson(`${place}${field} is not an array`);
  for (let i = 0; i < elements.length; i += 1) {
    const element: unknown = elements[i];
    if (!isObject(element)) throw notJson(`${place}${field}[${i}] is not an object`);
    yield [i, element];
  }
}
