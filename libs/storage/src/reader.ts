import type { RequestContext, Span, SpanKind, TraceId, TraceSummary } from '@spoor/model';

/** Inclusive bounds in nanoseconds since the Unix epoch. */
export interface TimeRange {
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
}

/**
 * A condition on an attribute. It holds when any attribute of the span, of its resource, of its scope or of one of its events
 * has the key, and its value written as text equals `value`. Text of a value: strings as they are; `true`/`false`;
 * integers in decimal; doubles as JavaScript prints them; arrays and kvlists as JSON; bytes as lower-case hex.
 * Two keys are synthetic: `error` (`true` holds for status ERROR or an attribute error=true, `false` for all other spans)
 * and `span.kind` (holds for the span's kind as well as for an attribute of that name).
 */
export interface AttributeCondition {
  readonly key: string;
  readonly value: string;
  /** Absent: `eq`. A store that cannot answer for an operator MUST throw `SPOOR_INVALID_REQUEST`, never leave it out. */
  readonly operator?: AttributeOperator;
}

/**
 * How a value compares. `eq` as told above. `ne` holds when the span has the key, in any of these places, and `eq` does not
 * hold; every span has the two synthetic keys. The others hold when any value of the key is an integer or a double, not a
 * text, and compares so with the decimal number that `value` is: exactly, also beyond 2^53, a double as the decimal number
 * that it is written as (`compareWithDecimal`); a double that is not a number compares with none. For them a `value` that is
 * no decimal number (`parseDecimal`) is `SPOOR_INVALID_REQUEST`.
 */
export type AttributeOperator = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte';

/** All conditions MUST hold on one and the same span. Absent conditions hold for every span. */
export interface TraceQuery {
  readonly serviceName?: string;
  readonly operationName?: string;
  readonly spanKind?: SpanKind;
  readonly attributes: readonly AttributeCondition[];
  /** The span's start time lies within. */
  readonly time: TimeRange;
  /** Of the span, inclusive, in nanoseconds. */
  readonly minDurationNanos?: bigint;
  readonly maxDurationNanos?: bigint;
  /** Traces in a page, at least 1. Exact: a page is shorter only when there are no more, or the answer says `incomplete`. */
  readonly limit: number;
  /** `Page.nextPage` of the page before, with the same conditions. */
  readonly page?: string;
}

/** One trace found: its id, and the greatest start time among its matching spans, which is what orders the result. */
export interface TraceHit {
  readonly traceId: TraceId;
  readonly newestMatchUnixNano: bigint;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque. Absent on the last page. Pages that follow one another neither skip nor repeat, also while spans arrive. */
  readonly nextPage?: string;
  /** Why the answer may lack something that it should have. Absent when it is exact. */
  readonly incomplete?: string;
}

export interface Operation {
  readonly name: string;
  readonly spanKind: SpanKind;
}

/**
 * Reads spans. Everything is within `context.tenant`. The same question on the same data MUST get the same answer.
 * Answers MUST NOT hold duplicates (see `SpanWriter`). Trouble is thrown as `SPOOR_STORAGE_UNAVAILABLE`, a page token
 * that was not issued by this store for the same conditions as `SPOOR_INVALID_REQUEST`.
 */
export interface SpanReader {
  /**
   * All spans of a trace, in chunks of at most a few thousand, in no promised order. No chunk when there is no such trace.
   * `hint` MAY be used to look there first; it MUST NOT change the answer.
   */
  getTrace(traceId: TraceId, context: RequestContext, hint?: TimeRange): AsyncIterable<readonly Span[]>;
  /** Newest first: by `newestMatchUnixNano` descending, then by trace id ascending. */
  findTraces(query: TraceQuery, context: RequestContext): Promise<Page<TraceHit>>;
  /** In the order of `traceIds`; traces that do not exist are left out. */
  summariseTraces(traceIds: readonly TraceId[], context: RequestContext): Promise<readonly TraceSummary[]>;
  /** All service names, sorted by code point. Complete. */
  getServices(context: RequestContext): Promise<readonly string[]>;
  /** All operations of a service, sorted by name, then by kind in the order of `SPAN_KINDS`. Complete. With `spanKind`, only those of that kind. */
  getOperations(serviceName: string, context: RequestContext, spanKind?: SpanKind): Promise<readonly Operation[]>;
}
