import type { RequestContext, Span, TraceId } from '@spoor/model';
import { operationNameOf, SpoorError, serviceNameOf, summariseTrace, summarySpanOf } from '@spoor/model';
import type { DependencyLink, DependencyReader, SpanReader, TraceQuery } from '@spoor/storage';

/** What a reader was asked, and how it shall fail: for the paths that a store in good health does not show. */
export class MemoryReader implements SpanReader, DependencyReader {
  readonly spans: Span[] = [];
  readonly queries: TraceQuery[] = [];
  links: readonly DependencyLink[] = [];
  incomplete: string | undefined;
  nextPage: string | undefined;
  failure: SpoorError | undefined;
  /** The only trace that fails, and then nothing else does. */
  failOn: TraceId | undefined;
  /** When set, traces come only once it resolves or the request is aborted. */
  gate: Promise<void> | undefined;
  /** Reads that stand at the gate, and the reasons of those that were aborted there. */
  waiting = 0;
  readonly aborted: unknown[] = [];

  async *getTrace(traceId: TraceId, context: RequestContext): AsyncIterable<readonly Span[]> {
    if (this.gate !== undefined) await this.waitAtGate(this.gate, context.signal);
    if (this.failOn === traceId && this.failure !== undefined) throw this.failure;
    this.failIfTold();
    const spans = this.spans.filter((span) => span.traceId === traceId);
    for (let from = 0; from < spans.length; from += 2_000) yield spans.slice(from, from + 2_000);
  }

  async findTraces(query: TraceQuery) {
    this.failIfTold();
    this.queries.push(query);
    const ids = [...new Set(this.spans.map(({ traceId }) => traceId))].slice(0, query.limit);
    return {
      items: ids.map((traceId) => ({ traceId, newestMatchUnixNano: 0n })),
      ...(this.incomplete === undefined ? {} : { incomplete: this.incomplete }),
      ...(this.nextPage === undefined ? {} : { nextPage: this.nextPage }),
    };
  }

  async summariseTraces(traceIds: readonly TraceId[]) {
    return traceIds.map((traceId) =>
      summariseTrace(traceId, this.spans.filter((span) => span.traceId === traceId).map(summarySpanOf)),
    );
  }

  async getServices() {
    this.failIfTold();
    return [...new Set(this.spans.map(({ resource }) => serviceNameOf(resource)))].sort();
  }

  async getOperations(serviceName: string) {
    const ofService = this.spans.filter(({ resource }) => serviceNameOf(resource) === serviceName);
    return ofService.map((span) => ({ name: operationNameOf(span), spanKind: span.kind }));
  }

  async getDependencies() {
    return this.links;
  }

  private failIfTold(): void {
    if (this.failure !== undefined && this.failOn === undefined) throw this.failure;
  }

  private async waitAtGate(gate: Promise<void>, signal: AbortSignal): Promise<void> {
    this.waiting += 1;
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        this.aborted.push(signal.reason);
        reject(new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'aborted'));
      });
    });
    await Promise.race([gate, aborted]);
  }
}
