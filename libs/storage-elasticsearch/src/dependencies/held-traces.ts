import type { Span, TraceId } from '@spoor/model';
import { type CallNode, countCalls, type DependencyCounts, nodeOf } from '@spoor/storage';

/** Spans held at once. */
const MAX_SPANS = 100_000;

interface HeldTrace {
  readonly nodes: CallNode[];
  /** Documents that were there. */
  readonly ids: Set<string>;
  /** What a span is in the schema of the peer, and whether a document that tells more of it was there. */
  readonly keys: Map<string, boolean>;
}

/**
 * Traces whose spans come in order of their starts. When there are too many spans, the traces that began first are let go: their
 * calls are counted, and what has no parent among them becomes an orphan. Documents of the same span come side by side, because
 * they have the same start.
 */
export class HeldTraces {
  /** Calls to be looked for elsewhere, by trace. */
  readonly orphans = new Map<TraceId, CallNode[]>();
  private readonly traces = new Map<TraceId, HeldTrace>();
  private readonly counts: DependencyCounts;
  private readonly maxSpans: number;
  private spans = 0;

  constructor(counts: DependencyCounts, maxSpans: number = MAX_SPANS) {
    this.counts = counts;
    this.maxSpans = maxSpans;
  }

  /** `documentId` stands for all of the span; `key` for what every layout keeps of it. */
  add(span: Span, documentId: string | undefined, key: string | undefined): void {
    const known = this.traces.get(span.traceId);
    const trace: HeldTrace = known ?? { nodes: [], ids: new Set(), keys: new Map() };
    if (known === undefined) this.traces.set(span.traceId, trace);
    if (isThere(trace, documentId, key)) return;
    trace.nodes.push(nodeOf(span));
    this.spans += 1;
    if (this.spans > this.maxSpans) this.letGo(Math.floor((this.maxSpans * 3) / 4));
  }

  /** Counts the calls of the oldest traces until no more than `most` spans are left. */
  letGo(most: number): void {
    for (const [traceId, { nodes }] of this.traces) {
      if (this.spans <= most && most > 0) return;
      const orphans = countCalls(nodes, nodes, this.counts);
      if (orphans.length > 0) this.orphans.set(traceId, [...(this.orphans.get(traceId) ?? []), ...orphans]);
      this.traces.delete(traceId);
      this.spans -= nodes.length;
    }
  }
}

function isThere({ ids, keys }: HeldTrace, documentId: string | undefined, key: string | undefined): boolean {
  if (documentId !== undefined) {
    if (ids.has(documentId)) return true;
    ids.add(documentId);
  }
  if (key === undefined) return false;
  const toldMore = keys.get(key);
  keys.set(key, toldMore === true || documentId !== undefined);
  // Two documents that tell more may differ in what the other schema does not hold.
  return toldMore === false || (toldMore === true && documentId === undefined);
}
