import type { TraceSummary } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { TraceQuery } from '@spoor/storage';
import { filterConditions } from '../filter/conditions.ts';
import { checkConditionCount } from '../http/parameters.ts';
import { nanosOf, type ProtoTime } from './timestamps.ts';

const DEFAULT_SEARCH_DEPTH = 100;

export interface TraceQueryMessage {
  readonly serviceName?: string;
  readonly operationName?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly startTimeMin?: ProtoTime | null;
  readonly startTimeMax?: ProtoTime | null;
  readonly durationMin?: ProtoTime | null;
  readonly durationMax?: ProtoTime | null;
  readonly searchDepth?: number;
  readonly rawTraces?: boolean;
  readonly filter?: unknown;
}

/** The conditions of FindTraces and FindTraceSummaries (CONTRACT §7.5). Throws `SPOOR_INVALID_REQUEST`. */
export function traceQueryOf(message: TraceQueryMessage | null | undefined, maxSearchDepth: number): TraceQuery {
  if (message === null || message === undefined) throw invalid('missing query');
  const { serviceName, operationName, searchDepth = 0 } = message;
  const startUnixNano = nanosOf('start_time_min', message.startTimeMin);
  const endUnixNano = nanosOf('start_time_max', message.startTimeMax);
  if (startUnixNano === undefined || endUnixNano === undefined)
    throw invalid('start_time_min and start_time_max are required');
  if (startUnixNano >= endUnixNano) throw invalid('start_time_min must be before start_time_max');
  const minDurationNanos = nanosOf('duration_min', message.durationMin);
  const maxDurationNanos = nanosOf('duration_max', message.durationMax);
  // The peer's clients send a duration of zero for one that is not asked for.
  const hasMax = maxDurationNanos !== undefined && maxDurationNanos > 0n;
  if (hasMax && minDurationNanos !== undefined && maxDurationNanos < minDurationNanos)
    throw invalid('duration_max must not be less than duration_min');
  if (searchDepth < 0 || searchDepth > maxSearchDepth)
    throw invalid(`search_depth is ${searchDepth}; it may be from 1 to ${maxSearchDepth}`);
  const attributes = Object.entries(message.attributes ?? {}).map(([key, value]) => ({ key, value }));
  checkConditionCount(attributes.length);
  const time = { startUnixNano, endUnixNano };
  const hasFilter = message.filter !== null && message.filter !== undefined;
  const hasMin = minDurationNanos !== undefined && minDurationNanos > 0n;
  // The peer's rule: a filter says everything or nothing.
  if (hasFilter && (serviceName || operationName || attributes.length > 0 || hasMin || hasMax))
    throw invalid('filter goes with the times and search_depth only; say the other conditions in the filter');
  return {
    ...(serviceName ? { serviceName } : {}),
    ...(operationName ? { operationName } : {}),
    attributes,
    time,
    ...(hasMin ? { minDurationNanos } : {}),
    ...(hasMax ? { maxDurationNanos } : {}),
    ...(hasFilter ? filterConditions(message.filter, 'filter', time) : {}),
    limit: searchDepth === 0 ? Math.min(DEFAULT_SEARCH_DEPTH, maxSearchDepth) : searchDepth,
  };
}

/** A `TraceSummary` for proto-loader: 64-bit integers as text. */
export function summaryMessage(summary: TraceSummary): Record<string, unknown> {
  return {
    traceId: summary.traceId,
    rootServiceName: summary.rootServiceName,
    rootOperationName: summary.rootOperationName,
    minStartTimeUnixNano: summary.startTimeUnixNano.toString(),
    maxEndTimeUnixNano: summary.endTimeUnixNano.toString(),
    spanCount: summary.spanCount,
    errorSpanCount: summary.errorSpanCount,
    orphanSpanCount: summary.orphanSpanCount,
    services: summary.services,
  };
}

export function invalid(message: string): SpoorError {
  return new SpoorError('SPOOR_INVALID_REQUEST', message);
}
