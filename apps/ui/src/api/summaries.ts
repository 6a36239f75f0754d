import { requestJson } from './client.ts';
import { type AttributeComparison, filterOf } from './filter.ts';

/** What to search; absent fields do not restrict. Times are Unix milliseconds. */
export interface SummaryQuery {
  readonly serviceName?: string;
  readonly operationName?: string;
  readonly attributes: readonly AttributeComparison[];
  readonly startMs: number;
  readonly endMs: number;
  readonly minDurationNanos?: number;
  readonly maxDurationNanos?: number;
  /** Traces in a page. */
  readonly limit: number;
}

export interface ServiceCount {
  readonly name: string;
  readonly spanCount: number;
  readonly errorSpanCount: number;
}

export interface TraceSummary {
  readonly traceId: string;
  readonly rootServiceName: string;
  readonly rootOperationName: string;
  readonly startUnixNano: bigint;
  /** `startUnixNano` for display and drawing. */
  readonly startMs: number;
  readonly durationNanos: number;
  readonly spanCount: number;
  readonly errorSpanCount: number;
  /** Above zero, spans are missing. */
  readonly orphanSpanCount: number;
  /** The one with most spans first. */
  readonly services: readonly ServiceCount[];
}

export interface SummaryPage {
  readonly summaries: readonly TraceSummary[];
  /** Present when more follow. */
  readonly nextPage?: string;
  /** Why the answer may lack something. */
  readonly incomplete?: string;
}

/** As sent: proto3 JSON, so fields that are zero are absent and 64-bit integers are text. */
interface WireSummary {
  readonly traceId?: string;
  readonly rootServiceName?: string;
  readonly rootOperationName?: string;
  readonly minStartTimeUnixNano?: string;
  readonly maxEndTimeUnixNano?: string;
  readonly spanCount?: number;
  readonly errorSpanCount?: number;
  readonly orphanSpanCount?: number;
  readonly services?: readonly Partial<ServiceCount>[];
}

export async function fetchSummaries(
  query: SummaryQuery,
  page: string | undefined,
  signal: AbortSignal,
): Promise<SummaryPage> {
  const parameters = {
    ...conditionsOf(query),
    'query.startTimeMin': new Date(query.startMs).toISOString(),
    'query.startTimeMax': new Date(query.endMs).toISOString(),
    'query.searchDepth': query.limit,
    'query.page': page,
  };
  const body = (await requestJson(
    'The traces could not be searched',
    'api/v3/trace-summaries',
    parameters,
    signal,
  )) as {
    summaries?: readonly WireSummary[];
    nextPage?: string;
    incomplete?: string;
  };
  return {
    summaries: (body.summaries ?? []).map(fromWire),
    ...(body.nextPage ? { nextPage: body.nextPage } : {}),
    ...(body.incomplete ? { incomplete: body.incomplete } : {}),
  };
}

/** A filter says everything, so it is there only where something compares in a way that nothing else can say. */
function conditionsOf(query: SummaryQuery): Readonly<Record<string, string | undefined>> {
  const { serviceName, operationName, attributes } = query;
  const durationMin = goDuration(query.minDurationNanos);
  const durationMax = goDuration(query.maxDurationNanos);
  if (attributes.some(({ operator }) => operator !== 'eq'))
    return {
      'query.filter': JSON.stringify(filterOf({ serviceName, operationName, durationMin, durationMax, attributes })),
    };
  const values = Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
  return {
    'query.serviceName': serviceName,
    'query.operationName': operationName,
    'query.attributes': attributes.length === 0 ? undefined : JSON.stringify(values),
    'query.durationMin': durationMin,
    'query.durationMax': durationMax,
  };
}

function goDuration(nanos: number | undefined): string | undefined {
  return nanos === undefined ? undefined : `${nanos}ns`;
}

function fromWire(wire: WireSummary): TraceSummary {
  const start = BigInt(wire.minStartTimeUnixNano ?? 0);
  const end = BigInt(wire.maxEndTimeUnixNano ?? 0);
  const services = (wire.services ?? []).map(({ name = '', spanCount = 0, errorSpanCount = 0 }) => ({
    name,
    spanCount,
    errorSpanCount,
  }));
  return {
    traceId: wire.traceId ?? '',
    rootServiceName: wire.rootServiceName ?? '',
    rootOperationName: wire.rootOperationName ?? '',
    startUnixNano: start,
    startMs: Number(start / 1_000n) / 1_000,
    durationNanos: Number(end - start),
    spanCount: wire.spanCount ?? 0,
    errorSpanCount: wire.errorSpanCount ?? 0,
    orphanSpanCount: wire.orphanSpanCount ?? 0,
    services: services.sort((a, b) => b.spanCount - a.spanCount),
  };
}
