import { processTagsOf } from '@spoor/jaeger';
import type { Resource, Span, TraceId } from '@spoor/model';
import { serviceNameOf } from '@spoor/model';
import { legacyTraceId } from './ids.ts';
import { jaegerSpan } from './span.ts';
import { jaegerTag } from './tags.ts';
import type { JaegerProcess, JaegerTrace } from './types.ts';

/** Spans made into text at a time: enough to be quick, little enough to let other requests through in between. */
const SPANS_PER_PIECE = 500;

/** A trace in the JSON of the legacy API (CONTRACT §7.3). */
export function jaegerTrace(traceId: TraceId, spans: readonly Span[]): JaegerTrace {
  const processes = new ProcessTable();
  return {
    traceID: legacyTraceId(traceId),
    spans: spans.map((span) => jaegerSpan(span, processes.idOf(span.resource))),
    processes: processes.processes,
    warnings: null,
  };
}

/** The text of `jaegerTrace` in pieces, so that a large trace is never one string. */
export function* jaegerTraceText(traceId: TraceId, spans: readonly Span[]): Generator<string> {
  const processes = new ProcessTable();
  let text = `{"traceID":${JSON.stringify(legacyTraceId(traceId))},"spans":[`;
  for (let from = 0; from < spans.length; from += SPANS_PER_PIECE) {
    const piece = spans.slice(from, from + SPANS_PER_PIECE);
    const json = JSON.stringify(piece.map((span) => jaegerSpan(span, processes.idOf(span.resource))));
    text += from === 0 ? json.slice(1, -1) : `,${json.slice(1, -1)}`;
    if (from + SPANS_PER_PIECE < spans.length) {
      yield text;
      text = '';
    }
  }
  yield `${text}],"processes":${JSON.stringify(processes.processes)},"warnings":null}`;
}

/** Spans in any order as traces, each in the place where its first span stands. */
export function jaegerTraces(spans: Iterable<Span>): JaegerTrace[] {
  const byTrace = new Map<TraceId, Span[]>();
  for (const span of spans) {
    const ofTrace = byTrace.get(span.traceId);
    if (ofTrace === undefined) byTrace.set(span.traceId, [span]);
    else ofTrace.push(span);
  }
  return Array.from(byTrace, ([traceId, ofTrace]) => jaegerTrace(traceId, ofTrace));
}

/** Process ids `p1`, `p2`, … number distinct processes in the order of the spans (CONTRACT §7.3). */
class ProcessTable {
  readonly processes: Record<string, JaegerProcess> = {};
  private readonly idOfResource = new Map<Resource, string>();
  private readonly idOfContent = new Map<string, string>();

  idOf(resource: Resource): string {
    const known = this.idOfResource.get(resource);
    if (known !== undefined) return known;
    const process = jaegerProcess(resource);
    const content = JSON.stringify(process);
    const id = this.idOfContent.get(content) ?? `p${this.idOfContent.size + 1}`;
    this.idOfResource.set(resource, id);
    this.idOfContent.set(content, id);
    this.processes[id] = process;
    return id;
  }
}

function jaegerProcess(resource: Resource): JaegerProcess {
  return { serviceName: serviceNameOf(resource), tags: processTagsOf(resource).map(jaegerTag) };
}
