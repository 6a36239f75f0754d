import type { RequestContext, SpanKind, Tenant } from '@spoor/model';
import type { OperationMetrics } from './operation-metrics.ts';

/** What the spans of a service that start in one minute add up to. */
export interface ServiceMinute {
  readonly service: string;
  /** Minutes since the Unix epoch. */
  readonly minute: number;
  /** Sorted by operation, then by kind in the order of `SPAN_KINDS`; one each. */
  readonly operations: readonly OperationMetrics[];
}

export interface MetricsQuery {
  /** At least one. */
  readonly services: readonly string[];
  /** Absent: all. */
  readonly spanKinds?: readonly SpanKind[];
  /** Minutes since the Unix epoch, both included. */
  readonly firstMinute: number;
  readonly lastMinute: number;
}

export interface MetricsReader {
  /**
   * Sorted by service, then by minute; minutes without a span are left out. Within `context.tenant`. Complete, or trouble is
   * thrown as `SPOOR_STORAGE_UNAVAILABLE`.
   */
  readMetrics(query: MetricsQuery, context: RequestContext): Promise<readonly ServiceMinute[]>;
}

/** Names a slice: what one source, such as a partition of a topic, holds of a service and a minute. */
export interface MetricsSliceKey {
  readonly tenant: Tenant;
  readonly source: string;
  readonly service: string;
  /** Minutes since the Unix epoch. */
  readonly minute: number;
}

/**
 * A part of a `ServiceMinute`: all that its source held of it up to an offset. Whoever counts the same source up to the same
 * offset gets the same slice, so that it can be written again, and by two at once.
 */
export interface MetricsSlice extends MetricsSliceKey {
  /** The last offset of the source that is counted. */
  readonly through: bigint;
  readonly operations: readonly OperationMetrics[];
}

/**
 * Keeps slices, for stores that several processes write to and that cannot count spans fast enough when they are asked. The
 * store's `MetricsReader` adds them up. Trouble is thrown as `SPOOR_STORAGE_UNAVAILABLE`.
 */
export interface MetricsSliceStore {
  /** Those that there are, in no promised order. MUST see every slice whose `putSlices` resolved. */
  getSlices(keys: readonly MetricsSliceKey[], signal: AbortSignal): Promise<readonly MetricsSlice[]>;
  /**
   * Replaces each slice, except that one with a greater `through` stays: the other is late. Resolves when they are durable.
   * When it throws, some may have been put: putting them again is safe. A slice that can never be stored is left out.
   * The slices are the caller's again once it resolved or threw, and change then.
   */
  putSlices(slices: readonly MetricsSlice[], signal: AbortSignal): Promise<void>;
}
