import {
  operationNameOf,
  type RequestContext,
  SPAN_KINDS,
  type Span,
  type SpoorError,
  serviceNameOf,
} from '@spoor/model';
import { type MetricsQuery, type MetricsReader, ServiceCounts, SliceSum } from '@spoor/storage';

const MINUTE_NANOS = 60_000_000_000n;

/** Counts the spans that a test gives it, whoever asks, and tells what it was asked. */
export class MemoryMetrics implements MetricsReader {
  readonly queries: (MetricsQuery & { readonly tenant: string })[] = [];
  failure: SpoorError | undefined;
  private readonly spans: readonly Span[];

  constructor(spans: readonly Span[] = []) {
    this.spans = spans;
  }

  async readMetrics(query: MetricsQuery, { tenant }: RequestContext) {
    if (this.failure !== undefined) throw this.failure;
    this.queries.push({ ...query, tenant });
    const sum = new SliceSum(query);
    for (const span of this.spans) {
      const counts = new ServiceCounts();
      const nanos = Number(span.endTimeUnixNano - span.startTimeUnixNano);
      counts.addSpan(operationNameOf(span), SPAN_KINDS.indexOf(span.kind), span.status.code === 'error', nanos);
      const minute = Number(span.startTimeUnixNano / MINUTE_NANOS);
      sum.add({ service: serviceNameOf(span.resource), minute, operations: counts.operations() });
    }
    return sum.minutes();
  }
}
