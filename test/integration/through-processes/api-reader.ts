import {
  type RequestContext,
  type Span,
  type SpanKind,
  SpoorError,
  type TraceId,
  type TraceSummary,
} from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import type {
  DependencyLink,
  DependencyReader,
  Operation,
  Page,
  SpanReader,
  TimeRange,
  TraceHit,
  TraceQuery,
} from '@spoor/storage';
import { evaluate } from '@spoor/storage/contract';
import { searchParameters } from './search-parameters.ts';
import { type SummaryJson, summaryOf } from './summary-json.ts';

const NANOS_PER_MS = 1_000_000n;
const PAGE_SIZE = 1_000;

interface FoundSummaries {
  readonly summaries?: readonly SummaryJson[];
  readonly nextPage?: string;
  readonly incomplete?: string;
}

/** Asks the HTTP API of a query process. */
export class ApiReader implements SpanReader, DependencyReader {
  private readonly address: string;
  private readonly direct: () => Promise<SpanReader>;
  /** Traces that were read, until something is written: hits are evaluated over them. */
  private traces = new Map<string, Promise<readonly Span[]>>();

  /** `direct` is the reader behind the API, for the one question that the API cannot be asked. */
  constructor(address: string, direct: () => Promise<SpanReader>) {
    this.address = address;
    this.direct = direct;
  }

  forget(): void {
    this.traces = new Map();
  }

  async *getTrace(traceId: TraceId, context: RequestContext, hint?: TimeRange): AsyncGenerator<readonly Span[]> {
    const spans = await this.readTrace(traceId, context, hint);
    if (spans.length > 0) yield spans;
  }

  async findTraces(query: TraceQuery, context: RequestContext): Promise<Page<TraceHit>> {
    // An empty parameter counts as an absent one, so the API never hands on a page token that is empty.
    if (query.page === '') return (await this.direct()).findTraces(query, context);
    const { summaries = [], ...rest } = await this.summaries(query, context);
    const items = summaries.map(async ({ traceId }) => {
      const known = `${context.tenant}/${traceId}`;
      const trace = this.traces.get(known) ?? this.readTrace(traceId, context);
      this.traces.set(known, trace);
      // What is found, and in which order, is the API's; it does not tell which span it was.
      const [hit] = evaluate(query, await trace);
      if (hit === undefined) throw new Error(`the trace ${traceId} was found and does not match`);
      return hit;
    });
    return { items: await Promise.all(items), ...rest };
  }

  /** The API gives summaries of what a search finds: that is one over the time of these traces. */
  async summariseTraces(traceIds: readonly TraceId[], context: RequestContext): Promise<readonly TraceSummary[]> {
    const traces = await Promise.all(traceIds.map((traceId) => this.readTrace(traceId, context)));
    const starts = traces.flat().map(({ startTimeUnixNano }) => startTimeUnixNano);
    if (starts.length === 0) return [];
    const [first] = starts;
    const time = {
      startUnixNano: starts.reduce((least, one) => (one < least ? one : least), first!),
      endUnixNano: starts.reduce((most, one) => (one > most ? one : most), first!),
    };
    const found = new Map<TraceId, TraceSummary>();
    let page: string | undefined;
    do {
      const query = { attributes: [], time, limit: PAGE_SIZE, ...(page === undefined ? {} : { page }) };
      const { summaries = [], nextPage } = await this.summaries(query, context);
      for (const summary of summaries) found.set(summary.traceId, summaryOf(summary));
      page = nextPage;
    } while (page !== undefined);
    return traceIds.flatMap((traceId) => found.get(traceId) ?? []);
  }

  async getServices(context: RequestContext): Promise<readonly string[]> {
    const { services } = await this.json<{ services: readonly string[] }>('/api/v3/services', context);
    return services;
  }

  /** Of the older API, because version 3 shows a kind that is not given as `internal`. */
  async getOperations(
    serviceName: string,
    context: RequestContext,
    spanKind?: SpanKind,
  ): Promise<readonly Operation[]> {
    const parameters = new URLSearchParams({ service: serviceName, ...(spanKind === undefined ? {} : { spanKind }) });
    const { data } = await this.json<{ data: readonly { readonly name: string; readonly spanKind: SpanKind | '' }[] }>(
      `/api/operations?${parameters}`,
      context,
    );
    return data.map(({ name, spanKind: kind }) => ({ name, spanKind: kind === '' ? 'unspecified' : kind }));
  }

  /** Times are milliseconds there; all that the suite asks for are whole ones. */
  async getDependencies(time: TimeRange, context: RequestContext): Promise<readonly DependencyLink[]> {
    if (time.startUnixNano % NANOS_PER_MS !== 0n || time.endUnixNano % NANOS_PER_MS !== 0n)
      throw new Error('the API takes whole milliseconds');
    const endTs = time.endUnixNano / NANOS_PER_MS;
    const parameters = new URLSearchParams({
      endTs: String(endTs),
      lookback: String(endTs - time.startUnixNano / NANOS_PER_MS),
    });
    const { data } = await this.json<{ data: readonly DependencyLink[] }>(`/api/dependencies?${parameters}`, context);
    return data;
  }

  private summaries(query: TraceQuery, context: RequestContext): Promise<FoundSummaries> {
    return this.json(`/api/v3/trace-summaries?${searchParameters(query)}`, context);
  }

  /** No spans where there is no such trace. */
  private async readTrace(traceId: TraceId, context: RequestContext, hint?: TimeRange): Promise<readonly Span[]> {
    const parameters = new URLSearchParams({ rawTraces: 'true' });
    if (hint !== undefined) {
      parameters.set('startTime', new Date(Number(hint.startUnixNano / NANOS_PER_MS)).toISOString());
      parameters.set('endTime', new Date(Number(hint.endUnixNano / NANOS_PER_MS)).toISOString());
    }
    const response = await this.ask(`/api/v3/traces/${traceId}?${parameters}`, context, 'application/x-protobuf');
    const body = await response.arrayBuffer();
    if (response.status === 404) return [];
    checkAnswer(response.status, Buffer.from(body).toString());
    return decodeTraces(new Uint8Array(body));
  }

  private async json<T>(path: string, context: RequestContext): Promise<T> {
    const response = await this.ask(path, context, 'application/json');
    const body = await response.text();
    checkAnswer(response.status, body);
    return JSON.parse(body) as T;
  }

  private ask(path: string, { tenant, signal }: RequestContext, accept: string): Promise<Response> {
    return fetch(`http://${this.address}${path}`, { headers: { accept, 'x-tenant': tenant }, signal });
  }
}

function checkAnswer(status: number, body: string): void {
  if (status === 400) throw new SpoorError('SPOOR_INVALID_REQUEST', body);
  if (status !== 200) throw new Error(`the query process answered ${status}: ${body.slice(0, 1_000)}`);
}
