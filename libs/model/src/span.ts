/**
 * The span as Spoor's cold paths see it: OTLP's shape in native JavaScript types.
 * The hot path never builds these objects; it stays on OTLP bytes (see `SpanBatch`).
 */

/** 32 lower-case hex digits, never all zero. */
export type TraceId = string;
/** 16 lower-case hex digits, never all zero. */
export type SpanId = string;

/** The tenant that data belongs to. `'default'` where tenancy is off. Tenants never see one another's data. */
export type Tenant = string;
export const DEFAULT_TENANT: Tenant = 'default';

/** OTLP `Span.SpanKind`, as numbers on the wire. */
export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** OTLP `Status.StatusCode`, as numbers on the wire. */
export const STATUS_CODES = ['unset', 'ok', 'error'] as const;
export type StatusCode = (typeof STATUS_CODES)[number];

/**
 * An attribute's value. The JavaScript type is the OTLP type:
 * string, boolean, bigint = int64, number = double, Uint8Array = bytes, array, `KeyValueList` = kvlist, null = empty.
 */
export type AttributeValue =
  | string
  | boolean
  | bigint
  | number
  | Uint8Array
  | null
  | readonly AttributeValue[]
  | KeyValueList;

/** Named so that a nested list is told from an array. */
export interface KeyValueList {
  readonly entries: readonly Attribute[];
}

export interface Attribute {
  readonly key: string;
  readonly value: AttributeValue;
}

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

/** What produced the spans: one object is shared by all spans decoded from the same `ResourceSpans`. */
export interface Resource {
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
}

/** The instrumentation scope: one object is shared by all spans decoded from the same `ScopeSpans`. */
export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
}

export interface Span {
  readonly traceId: TraceId;
  readonly spanId: SpanId;
  /** `''` for a root. */
  readonly parentSpanId: string;
  /** W3C tracestate, `''` when absent. */
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly Attribute[];
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly status: { readonly code: StatusCode; readonly message: string };
  readonly resource: Resource;
  readonly scope: Scope;
}

/** Spans of one trace, in no promised order. */
export interface Trace {
  readonly traceId: TraceId;
  readonly spans: readonly Span[];
}
