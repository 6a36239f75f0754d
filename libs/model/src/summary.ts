import { operationNameOf, serviceNameOf } from './names.ts';
import type { Span, TraceId } from './span.ts';

export interface ServiceSummary {
  readonly name: string;
  readonly spanCount: number;
  readonly errorSpanCount: number;
}

/** What a list of traces shows of each. Derived from all of the trace's spans, after duplicates are gone. */
export interface TraceSummary {
  readonly traceId: TraceId;
  /** Of the earliest span without a parent; of the earliest orphan when there is no root; `''` never. */
  readonly rootServiceName: string;
  readonly rootOperationName: string;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly spanCount: number;
  readonly errorSpanCount: number;
  /** Spans whose parent is not in the trace: above zero, the trace is incomplete. */
  readonly orphanSpanCount: number;
  /** By name. */
  readonly services: readonly ServiceSummary[];
}

/** The facts of a span that a summary needs. */
export interface SummarySpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly serviceName: string;
  readonly operationName: string;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly isError: boolean;
}

export function summarySpanOf(span: Span): SummarySpan {
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    serviceName: serviceNameOf(span.resource),
    operationName: operationNameOf(span),
    startTimeUnixNano: span.startTimeUnixNano,
    endTimeUnixNano: span.endTimeUnixNano,
    isError: span.status.code === 'error',
  };
}

/** Summarises one trace (CONTRACT §7.5). `spans` must not be empty and must hold no duplicates; order does not matter. */
export function summariseTrace(traceId: TraceId, spans: readonly SummarySpan[]): TraceSummary {
  const ids = new Set<string>();
  for (const span of spans) ids.add(span.spanId);
  const services = new Map<string, { name: string; spanCount: number; errorSpanCount: number }>();
  let start = spans[0]?.startTimeUnixNano ?? 0n;
  let end = spans[0]?.endTimeUnixNano ?? 0n;
  let errorSpanCount = 0;
  let orphanSpanCount = 0;
  let root: SummarySpan | undefined;
  let rootRank = 3;
  for (const span of spans) {
    if (span.startTimeUnixNano < start) start = span.startTimeUnixNano;
    if (span.endTimeUnixNano > end) end = span.endTimeUnixNano;
    const service = services.get(span.serviceName) ?? { name: span.serviceName, spanCount: 0, errorSpanCount: 0 };
    service.spanCount += 1;
    if (span.isError) {
      errorSpanCount += 1;
      service.errorSpanCount += 1;
    }
    services.set(span.serviceName, service);
    const isOrphan = span.parentSpanId !== '' && !ids.has(span.parentSpanId);
    if (isOrphan) orphanSpanCount += 1;
    const rank = span.parentSpanId === '' ? 0 : isOrphan ? 1 : 2;
    if (root === undefined || rank < rootRank || (rank === rootRank && isBefore(span, root))) {
      root = span;
      rootRank = rank;
    }
  }
  return {
    traceId,
    rootServiceName: root?.serviceName ?? '',
    rootOperationName: root?.operationName ?? '',
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    spanCount: spans.length,
    errorSpanCount,
    orphanSpanCount,
    services: [...services.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
  };
}

function isBefore(a: SummarySpan, b: SummarySpan): boolean {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) return a.startTimeUnixNano < b.startTimeUnixNano;
  return a.spanId < b.spanId;
}
