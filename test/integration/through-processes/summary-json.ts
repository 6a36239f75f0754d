import type { TraceSummary } from '@spoor/model';

/** A summary as the API gives it: what is zero or empty is left out, times are texts. */
export interface SummaryJson {
  readonly traceId: string;
  readonly rootServiceName?: string;
  readonly rootOperationName?: string;
  readonly minStartTimeUnixNano?: string;
  readonly maxEndTimeUnixNano?: string;
  readonly spanCount?: number;
  readonly errorSpanCount?: number;
  readonly orphanSpanCount?: number;
  readonly services?: readonly {
    readonly name: string;
    readonly spanCount?: number;
    readonly errorSpanCount?: number;
  }[];
}

export function summaryOf(json: SummaryJson): TraceSummary {
  return {
    traceId: json.traceId,
    rootServiceName: json.rootServiceName ?? '',
    rootOperationName: json.rootOperationName ?? '',
    startTimeUnixNano: BigInt(json.minStartTimeUnixNano ?? 0),
    endTimeUnixNano: BigInt(json.maxEndTimeUnixNano ?? 0),
    spanCount: json.spanCount ?? 0,
    errorSpanCount: json.errorSpanCount ?? 0,
    orphanSpanCount: json.orphanSpanCount ?? 0,
    services: (json.services ?? []).map(({ name, spanCount = 0, errorSpanCount = 0 }) => ({
      name,
      spanCount,
      errorSpanCount,
    })),
  };
}
