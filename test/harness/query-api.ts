import { decodeTraces } from '@spoor/otlp';
import { waitFor } from './wait-for.ts';

/** A trace as `/api/traces` gives it: the form that the peer's scripts read. */
export interface UiTrace {
  readonly traceID: string;
  readonly spans: readonly UiSpan[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags: readonly UiTag[] }>>;
}
export interface UiTag {
  readonly key: string;
  readonly type: string;
  readonly value: unknown;
}
export interface UiSpan {
  readonly spanID: string;
  readonly flags?: number;
  readonly operationName: string;
  readonly processID: string;
  readonly startTime: number;
  readonly duration: number;
  readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
  readonly tags: readonly UiTag[];
  readonly logs: readonly { readonly timestamp: number; readonly fields: readonly UiTag[] }[];
}

/** Asks the query service at `host:port`. Throws, with the answer, when it is not 200. */
export async function getJson<T>(
  address: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const response = await fetch(`http://${address}${path}`, { headers });
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${body}`);
  return JSON.parse(body) as T;
}

/** The traces that a search finds, with all their spans. */
export async function searchTraces(
  address: string,
  query: Readonly<Record<string, string>>,
): Promise<readonly UiTrace[]> {
  const answer = await getJson<{ data: UiTrace[] }>(address, `/api/traces?${new URLSearchParams(query)}`);
  return answer.data;
}

/** The trace, or `undefined` when there is none. */
export async function getTrace(address: string, traceId: string): Promise<UiTrace | undefined> {
  const response = await fetch(`http://${address}/api/traces/${traceId}`);
  const body = await response.text();
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw new Error(`trace ${traceId} answered ${response.status}: ${body}`);
  return (JSON.parse(body) as { data: UiTrace[] }).data[0];
}

/** The span ids of a trace, sorted, duplicates and all; none where there is no such trace. */
export async function storedSpanIds(address: string, traceId: string): Promise<string[]> {
  const answer = await fetch(`http://${address}/api/v3/traces/${traceId}`, {
    headers: { accept: 'application/x-protobuf' },
  });
  const body = await answer.bytes();
  if (answer.status === 404) return [];
  if (answer.status !== 200) throw new Error(`trace ${traceId} answered ${answer.status}: ${Buffer.from(body)}`);
  return decodeTraces(body)
    .map((span) => span.spanId)
    .sort();
}

/** Waits until a trace has as many spans as are expected of it. */
export function traceWith(address: string, traceId: string, spanCount: number): Promise<UiTrace> {
  const complete = async (): Promise<UiTrace | undefined> => {
    const found = await getTrace(address, traceId);
    return found && found.spans.length >= spanCount ? found : undefined;
  };
  return waitFor(complete, { describe: `trace ${traceId} with ${spanCount} spans` });
}

/** A series of rates or latencies: the values of its labels, and those of its points. */
export type MetricSeries = readonly [labels: string, ...values: (number | 'NaN')[]];

interface MetricFamily {
  readonly name: string;
  readonly metrics: readonly {
    readonly labels: readonly { readonly value: string }[];
    readonly metricPoints: readonly { readonly gaugeValue: { readonly doubleValue: number | 'NaN' } }[];
  }[];
}

/** What `/api/metrics/…` answers to a question such as `calls?service=shop`. */
export async function getMetrics(
  address: string,
  question: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly name: string; readonly series: readonly MetricSeries[] }> {
  const { name, metrics } = await getJson<MetricFamily>(address, `/api/metrics/${question}`, headers);
  const series = metrics.map(
    ({ labels, metricPoints }): MetricSeries => [
      labels.map(({ value }) => value).join(' '),
      ...metricPoints.map(({ gaugeValue }) => gaugeValue.doubleValue),
    ],
  );
  return { name, series };
}

/** The parent of a span within its trace. */
export function parentOf(trace: UiTrace, span: UiSpan): UiSpan | undefined {
  const reference = span.references.find(({ refType, traceID }) => refType === 'CHILD_OF' && traceID === trace.traceID);
  return trace.spans.find(({ spanID }) => spanID === reference?.spanID);
}

export function serviceOf(trace: UiTrace, span: UiSpan): string {
  return trace.processes[span.processID]?.serviceName ?? '';
}

export function tagOf(span: UiSpan, key: string): unknown {
  return span.tags.find((tag) => tag.key === key)?.value;
}
