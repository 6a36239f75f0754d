import type { RequestContext, Span, TraceId, WriteOutcome } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { DependencyReader } from '../dependencies.ts';
import type { MetricsReader, MetricsSliceStore } from '../metrics/index.ts';
import type { Page, SpanReader, TraceHit, TraceQuery } from '../reader.ts';
import type { SpanWriter } from '../writer.ts';

/** A store as the suite sees it: only the interfaces. */
export interface OpenStore {
  /** With what else counts spans on their way, such as what derives metrics (`derivingWriter`). */
  readonly writer: SpanWriter;
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
  readonly metrics: MetricsReader;
  readonly metricsSlices?: MetricsSliceStore | undefined;
  /** Closes and opens again on the same data; the properties are those of the new one afterwards. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export type CurrentStore = () => OpenStore;

let tenants = 0;

/** A tenant that no other test has, which is how tests are kept apart in one store. */
export class TenantOfTest {
  readonly context: RequestContext;
  private readonly store: CurrentStore;

  constructor(store: CurrentStore) {
    this.store = store;
    tenants += 1;
    this.context = { tenant: `contract-${process.pid}-${tenants}`, signal: new AbortController().signal };
  }

  /** Writes the spans as one batch. */
  write(spans: readonly Span[]): Promise<WriteOutcome> {
    return this.store().writer.write(
      [
        {
          tenant: this.context.tenant,
          encoding: 'otlp_proto',
          spanCount: spans.length,
          bytes: encodeTraces(spans),
        },
      ],
      this.context,
    );
  }

  async trace(traceId: TraceId): Promise<Span[]> {
    const spans: Span[] = [];
    for await (const chunk of this.store().reader.getTrace(traceId, this.context)) spans.push(...chunk);
    return spans;
  }

  find(query: TraceQuery): Promise<Page<TraceHit>> {
    return this.store().reader.findTraces(query, this.context);
  }

  /** The trace ids of the first page. */
  async found(query: TraceQuery): Promise<TraceId[]> {
    return (await this.find(query)).items.map((hit) => hit.traceId);
  }
}
