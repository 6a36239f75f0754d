import type { Span, SpanKind } from '@spoor/model';
import type { SpanCursor } from '@spoor/otlp';
import type { TraceQuery } from '@spoor/storage';
import type { LayoutName } from '../settings.ts';
import type { JsonBuffer } from '../writer/json-buffer.ts';

/** What an index holds. The archive's are span indices with a name of their own. */
export const INDEX_KINDS = ['span', 'service', 'dependencies', 'sampling'] as const;
export type IndexKind = (typeof INDEX_KINDS)[number];

/** JSON as it was parsed; integers beyond 2^53 are bigints, so that nothing is lost. */
export type ExactJson = null | boolean | number | bigint | string | readonly ExactJson[] | ExactObject;
export interface ExactObject {
  readonly [key: string]: ExactJson;
}

/** JSON to be sent. Nanoseconds go as text: the server reads numbers in strings exactly. */
export type RequestJson =
  | null
  | boolean
  | number
  | string
  | readonly RequestJson[]
  | { readonly [key: string]: RequestJson | undefined };
export type RequestObject = { readonly [key: string]: RequestJson | undefined };

export interface TemplateSettings {
  readonly shards: number;
  readonly replicas: number;
  readonly refreshIntervalMs: number;
}

/** How documents of spans are made. */
export interface LayoutOptions {
  /** Data streams ask for a time in each document: its field, and what it is filled with. */
  readonly isStream: boolean;
}

/** Of the documents of a data stream. */
export const STREAM_TIME = '@timestamp';

/** The content with the time that data streams ask for. */
export function withStreamTime({ settings, mappings }: TemplateContent): TemplateContent {
  const properties = { ...(mappings['properties'] as RequestObject), [STREAM_TIME]: { type: 'date' } };
  return { settings, mappings: { ...mappings, properties } };
}

/** Settings and mappings that every index of the kind gets. */
export interface TemplateContent {
  readonly settings: RequestObject;
  readonly mappings: RequestObject;
}

/** Writes the spans of one cursor after the other as lines of a bulk request. Used by one writer only. */
export interface SpanEncoder {
  /**
   * Appends the action line, which is `action`, the document's id and `"}}`, and the document line of the cursor's current
   * span, each with its newline. `action` is JSON text such as `{"create":{"_index":"spoor-span-2026-01-01","_id":"`.
   * The id MUST be the same for the same tenant, resource, scope and span, and differ for others.
   */
  append(cursor: SpanCursor, tenant: string, action: Uint8Array, out: JsonBuffer): void;
}

/** What the service index notes of a span. */
export interface ServiceEntry {
  readonly tenant: string;
  readonly service: string;
  readonly operation: string;
  /** An index into `SPAN_KINDS`. */
  readonly kindNumber: number;
}

export interface LayoutQuery {
  readonly query: RequestObject;
  /** Hits may be too many: each must be compared with the whole query on its `_source`. */
  readonly mustVerify: boolean;
}

/** How spans lie in the indices: documents, mappings and queries. All functions are pure. */
export interface Layout {
  readonly name: LayoutName;
  /** Names of the indices without prefix and date, such as `spoor-span`. */
  readonly stems: Readonly<Record<IndexKind, string>>;
  /** Of new indices; `undefined` for kinds that need none. */
  template(kind: IndexKind, settings: TemplateSettings): TemplateContent | undefined;
  spanEncoder(): SpanEncoder;
  /** The id and the document of a service entry, the document as JSON text. */
  serviceDocument(entry: ServiceEntry): { readonly id: string; readonly json: string };
  /** Whether the service index tells the kinds of operations apart; else `kindNumber` is not looked at. */
  readonly keepsKinds: boolean;
  /** The span of a document. Throws `SPOOR_STORAGE_CORRUPT` for one that this layout did not make. */
  decode(source: ExactObject): Span;
  /** Time, service, operation, kind, durations, attributes and tenant; not limit and page. */
  query(query: TraceQuery, tenant: string): LayoutQuery;
  /** All spans of the traces. */
  tracesQuery(traceIds: readonly string[], tenant: string): RequestObject;
  /** Fields of the two sort values of a search: the start, then the trace id; and what one unit of the start is. */
  readonly sort: { readonly start: string; readonly traceId: string; readonly startUnitNanos: bigint };
  /** The part of a document that tells which trace it is of, and its start. */
  readonly hitFields: readonly string[];
  /** The parts of a document with which `decode` tells ids, service and start; `undefined`: all of it is needed. */
  readonly linkFields: readonly string[] | undefined;
  /** Whether a document's id stands for what it holds; else several documents may hold the same span. */
  readonly hasContentIds: boolean;
  readonly services: ServiceIndex;
}

/** How the names of services and operations are found. */
export interface ServiceIndex {
  /** Keywords of the service index, of which those that are told apart by `kind` may lack it. */
  readonly fields: { readonly service: string; readonly operation: string; readonly kind: string };
  /** The operation in the span index. */
  readonly spanOperation: string;
  /** The entries of a tenant, of one service or of all. */
  query(tenant: string, service?: string): RequestObject;
  /** Entries with a name that is too long to be indexed: it stands in the document only. */
  readonly longNames: RequestObject;
  decode(source: ExactObject): ServiceName;
}

/** What an entry of the service index says. */
export interface ServiceName {
  readonly service: string;
  readonly operation: string;
  /** `undefined` in entries of a Jaeger, which keeps none (CONTRACT §5.3). */
  readonly kind: SpanKind | undefined;
}
