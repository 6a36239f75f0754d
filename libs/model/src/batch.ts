import type { Tenant } from './span.ts';

/** The encodings a batch's bytes may have (CONTRACT §4). Inside Spoor it is always `otlp_proto`. */
export type SpanEncoding = 'otlp_proto';

/**
 * The unit of the hot path: validated spans as bytes. `bytes` is an OTLP `TracesData` message
 * (identical on the wire to `ExportTraceServiceRequest`). Whoever holds a batch must not change its bytes.
 */
export interface SpanBatch {
  readonly tenant: Tenant;
  readonly encoding: SpanEncoding;
  readonly spanCount: number;
  readonly bytes: Uint8Array;
}

/** Why spans did not make it. Each has a line in the reference page; metrics use them as label values. */
export const DISCARD_REASONS = {
  malformed: 'the bytes are not a message of the announced encoding',
  invalid_trace_id: 'the trace id is not 16 bytes, or all zero',
  invalid_span_id: 'the span id is not 8 bytes, or all zero',
  invalid_parent_span_id: 'the parent span id is neither empty nor 8 bytes',
  invalid_utf8: 'a text field is not UTF-8',
  invalid_time: 'the start or end time lies too far in the future',
  too_deep: 'an attribute value is nested too deeply',
  too_large: 'the span is larger than the limit',
  unstorable: 'the storage refused the span for good; the message says why',
} as const;
export type DiscardReason = keyof typeof DISCARD_REASONS;

/** Spans that will never be stored, counted by reason. */
export interface Rejection {
  readonly reason: DiscardReason;
  /** For the sender: what was wrong, where, and what to change. Holds at most 200 characters of input. */
  readonly message: string;
  readonly spanCount: number;
}

/** `accepted` + the sum of `rejected[].spanCount` equals the spans handed in. */
export interface WriteOutcome {
  readonly accepted: number;
  readonly rejected: readonly Rejection[];
}
