import type { RequestContext, Span } from '@spoor/model';
import { serviceNameOf } from '@spoor/model';
import type { DependencyLink, TimeRange } from '@spoor/storage';
import type { RequestJson, RequestObject } from '../layouts/layout.ts';
import { answerOf, failureOf } from './ask-search.ts';
import { DependencyCounts } from './dependency-counts.ts';
import { millisOf } from './millis.ts';
import type { ReadContext, ReadLayout } from './read-context.ts';
import { scanDocuments } from './span-scan.ts';
import { readSpans, refuse, UniqueSpans } from './trace-spans.ts';

/** Spans that are held at once, about. */
const SPANS_AT_ONCE = 50_000;
const MAX_PREFIX_DIGITS = 4;
/** Traces whose spans are looked for at once, because a parent lies outside the time. */
const TRACES_AT_ONCE = 50;

/** What a call is told from. */
interface Node {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly service: string;
  readonly isServer: boolean;
}

/**
 * Calls counted from the spans themselves: each that starts within the time and whose parent is stored. The traces are taken
 * in parts by the first digits of their ids, so that what is held at once is bounded, and each span is read once.
 */
export async function countDependencies(
  reading: ReadContext,
  time: TimeRange,
  context: RequestContext,
): Promise<DependencyLink[]> {
  const counts = new DependencyCounts();
  if (time.endUnixNano < time.startUnixNano) return [];
  for (const prefix of await prefixesFor(reading, time, context)) {
    const traces = await spansWithin(reading, time, prefix, context);
    const open = new Map<string, Node[]>();
    for (const [traceId, nodes] of traces) {
      const orphans = countIn(nodes, nodes, counts);
      if (orphans.length > 0) open.set(traceId, orphans);
    }
    await countElsewhere(reading, open, counts, context);
  }
  return counts.links();
}

/** Counts the calls whose parent is among `known`, and gives those that have none there. */
function countIn(children: readonly Node[], known: readonly Node[], counts: DependencyCounts): Node[] {
  const parents = new Map<string, Node>();
  for (const node of known) {
    // A client and a server may share their id: what the server calls is the server's (CONTRACT §8.2).
    if (!parents.has(node.spanId) || node.isServer) parents.set(node.spanId, node);
  }
  const orphans: Node[] = [];
  for (const child of children) {
    if (child.parentSpanId === '') continue;
    const parent = parents.get(child.parentSpanId);
    if (parent === undefined) orphans.push(child);
    else counts.add(parent.service, child.service);
  }
  return orphans;
}

async function countElsewhere(
  reading: ReadContext,
  open: ReadonlyMap<string, readonly Node[]>,
  counts: DependencyCounts,
  context: RequestContext,
): Promise<void> {
  const ids = [...open.keys()];
  for (let from = 0; from < ids.length; from += TRACES_AT_ONCE) {
    const traceIds = ids.slice(from, from + TRACES_AT_ONCE);
    const wanted = new Set(traceIds.flatMap((id) => open.get(id)!.map((child) => `${id}${child.parentSpanId}`)));
    const parents = new Map<string, Node[]>();
    for await (const spans of readSpans(reading, { traceIds, context })) {
      for (const span of spans) {
        if (!wanted.has(`${span.traceId}${span.spanId}`)) continue;
        parents.set(span.traceId, [...(parents.get(span.traceId) ?? []), nodeOf(span)]);
      }
    }
    for (const id of traceIds) countIn(open.get(id)!, parents.get(id) ?? [], counts);
  }
}

async function spansWithin(
  reading: ReadContext,
  time: TimeRange,
  prefix: string,
  context: RequestContext,
): Promise<Map<string, Node[]>> {
  const traces = new Map<string, Node[]>();
  const unique = new UniqueSpans(reading.layouts);
  for (const one of reading.layouts) {
    const { sort, linkFields } = one.layout;
    const within: RequestJson[] = [queryWithin(one, time, context)];
    if (prefix !== '') within.push({ prefix: { [sort.traceId]: prefix } });
    const scan = scanDocuments({
      server: reading.server,
      indices: one.names.span.forReading(millisOf(time)),
      query: { bool: { filter: within } },
      startField: sort.start,
      // Spans of two layouts are the same only if all of them is.
      fields: reading.layouts.length > 1 ? undefined : linkFields,
      signal: context.signal,
      onIncomplete: refuse,
    });
    for await (const hits of scan) {
      for (const span of unique.of(hits, one)) {
        const known = traces.get(span.traceId);
        if (known === undefined) traces.set(span.traceId, [nodeOf(span)]);
        else known.push(nodeOf(span));
      }
    }
  }
  return traces;
}

function nodeOf(span: Span): Node {
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    service: serviceNameOf(span.resource),
    isServer: span.kind === 'server',
  };
}

/** First digits of trace ids, so many that the spans of each are about `SPANS_AT_ONCE`. */
async function prefixesFor(reading: ReadContext, time: TimeRange, context: RequestContext): Promise<string[]> {
  let total = 0;
  for (const one of reading.layouts) total += await countSpans(reading, one, time, context);
  let prefixes = [''];
  for (let digits = 0; digits < MAX_PREFIX_DIGITS && total / prefixes.length > SPANS_AT_ONCE; digits += 1)
    prefixes = prefixes.flatMap((prefix) => [...'0123456789abcdef'].map((digit) => prefix + digit));
  return prefixes;
}

async function countSpans(
  { server }: ReadContext,
  one: ReadLayout,
  time: TimeRange,
  context: RequestContext,
): Promise<number> {
  const indices = one.names.span.forReading(millisOf(time));
  if (indices.length === 0) return 0;
  const response = await server.request({
    method: 'POST',
    path: `/${indices.join(',')}/_count`,
    query: { ignore_unavailable: true },
    body: JSON.stringify({ query: queryWithin(one, time, context) }),
    signal: context.signal,
  });
  if (response.status !== 200) throw failureOf(response);
  return Number(answerOf(response)['count'] ?? 0);
}

function queryWithin({ layout }: ReadLayout, time: TimeRange, { tenant }: RequestContext): RequestObject {
  return layout.query({ attributes: [], time, limit: 1 }, tenant).query;
}
