import type { RequestContext, Span, TraceId } from '@spoor/model';
import {
  type CallNode,
  countCalls,
  DependencyCounts,
  type DependencyLink,
  nodeOf,
  type TimeRange,
} from '@spoor/storage';
import { mergeStreams } from '../merge-streams.ts';
import { millisOf } from '../reader/millis.ts';
import type { ReadContext, ReadLayout } from '../reader/read-context.ts';
import { scanDocuments } from '../reader/span-scan.ts';
import { keyOfStored, storedKey } from '../reader/stored-key.ts';
import { readSpans, refuse } from '../reader/trace-spans.ts';
import { HeldTraces } from './held-traces.ts';

/** Traces whose spans are looked for at once, because a parent lies outside the time. */
const TRACES_AT_ONCE = 50;

/** A span on its way, and what tells whether it came before. */
interface FoundSpan {
  readonly span: Span;
  readonly documentId: string | undefined;
  readonly key: string | undefined;
}

/**
 * Calls counted from the spans themselves: each that starts within the time and whose parent is stored. The spans are read once,
 * in order of their starts, which is how they lie on disk; traces are held until others need the room. What a parent was not
 * there for by then is looked for by the trace's id.
 */
export async function countDependencies(
  reading: ReadContext,
  time: TimeRange,
  context: RequestContext,
): Promise<DependencyLink[]> {
  const counts = new DependencyCounts();
  await countInto(counts, reading, time, context);
  return counts.links();
}

/** As `countDependencies`, added to what was counted already. */
export async function countInto(
  counts: DependencyCounts,
  reading: ReadContext,
  time: TimeRange,
  context: RequestContext,
): Promise<void> {
  if (time.endUnixNano < time.startUnixNano) return;
  const held = new HeldTraces(counts);
  for await (const { span, documentId, key } of spansInOrder(reading, time, context)) {
    held.add(span, documentId, key);
    while (held.orphans.size >= TRACES_AT_ONCE) await countElsewhere(reading, held.orphans, counts, context);
  }
  held.letGo(0);
  while (held.orphans.size > 0) await countElsewhere(reading, held.orphans, counts, context);
}

/** Takes some traces out of `orphans` and counts their calls whose parent is found anywhere. */
async function countElsewhere(
  reading: ReadContext,
  orphans: Map<TraceId, CallNode[]>,
  counts: DependencyCounts,
  context: RequestContext,
): Promise<void> {
  const open = [...orphans].slice(0, TRACES_AT_ONCE);
  const traceIds = open.map(([traceId]) => traceId);
  const wanted = new Set(open.flatMap(([traceId, nodes]) => nodes.map((child) => `${traceId}${child.parentSpanId}`)));
  const parents = new Map<TraceId, CallNode[]>();
  for await (const spans of readSpans(reading, { traceIds, context })) {
    for (const span of spans) {
      if (!wanted.has(`${span.traceId}${span.spanId}`)) continue;
      const known = parents.get(span.traceId);
      if (known === undefined) parents.set(span.traceId, [nodeOf(span)]);
      else known.push(nodeOf(span));
    }
  }
  for (const [traceId, nodes] of open) {
    countCalls(nodes, parents.get(traceId) ?? [], counts);
    orphans.delete(traceId);
  }
}

/** By start, those of all layouts together, so that the same span of two layouts meets itself. */
function spansInOrder(reading: ReadContext, time: TimeRange, context: RequestContext): AsyncGenerator<FoundSpan> {
  const streams = reading.layouts.map((one) => spansOf(reading, one, time, context));
  return mergeStreams(streams, (a, b) => (a.span.startTimeUnixNano < b.span.startTimeUnixNano ? -1 : 1));
}

async function* spansOf(
  reading: ReadContext,
  { layout, names }: ReadLayout,
  time: TimeRange,
  context: RequestContext,
): AsyncGenerator<FoundSpan> {
  // Spans of two layouts, and those without ids of their content, are the same only if all of them is.
  const needsKey = reading.layouts.length > 1 || !layout.hasContentIds;
  const scan = scanDocuments({
    server: reading.server,
    indices: names.span.forReading(millisOf(time)),
    query: layout.query({ attributes: [], time, limit: 1 }, context.tenant).query,
    startField: layout.sort.start,
    fields: needsKey ? undefined : layout.linkFields,
    signal: context.signal,
    onIncomplete: refuse,
  });
  for await (const hits of scan) {
    for (const { id, source } of hits) {
      const span = layout.decode(source);
      if (!layout.hasContentIds) yield { span, documentId: undefined, key: keyOfStored(span) };
      else yield { span, documentId: id, key: needsKey ? storedKey(span) : undefined };
    }
  }
}
