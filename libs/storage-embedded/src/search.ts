import type { Page, TraceHit, TraceQuery } from '@spoor/storage';
import type { PreparedQuery, SourceQuery } from './conditions.ts';
import { attributesMatch, ChunkSieve, columnsMatch, planSource, prepareQuery } from './conditions.ts';
import type { PagePosition } from './page-token.ts';
import { readPageToken, writePageToken } from './page-token.ts';
import type { ReadEngine } from './read-engine.ts';
import { lowerBound } from './sort.ts';
import type { Source } from './source.ts';
import { findSpans, hexWord, joinWords, traceWords } from './spans-of-trace.ts';

/** Traces by their newest matching span, newest first. Looks at candidates from the newest on and stops at the limit. */
export function findTraces(engine: ReadEngine, tenant: string, query: TraceQuery): Page<TraceHit> {
  const position = query.page === undefined ? undefined : readPageToken(query.page, tenant, query);
  const prepared = prepareQuery(query, engine.hash);
  if (prepared === 'never') return { items: [] };
  return engine.reading(tenant, (sources) => {
    const lastArrival =
      position?.lastArrival ?? sources.reduce((last, source) => Math.max(last, source.lastArrival), 0);
    const hits = walk(engine, sources, prepared, lastArrival, position, query.limit + 1);
    if (hits.length <= query.limit) return { items: hits };
    const items = hits.slice(0, query.limit);
    const { traceId, newestMatchUnixNano } = items.at(-1)!;
    return { items, nextPage: writePageToken({ traceId, newestMatchUnixNano, lastArrival }, tenant, query) };
  });
}

function walk(
  engine: ReadEngine,
  sources: readonly Source[],
  prepared: PreparedQuery,
  lastArrival: number,
  position: PagePosition | undefined,
  wanted: number,
): TraceHit[] {
  const { time } = prepared.query;
  const newest =
    position === undefined || time.endUnixNano < position.newestMatchUnixNano
      ? time.endUnixNano
      : position.newestMatchUnixNano;
  const candidates = new Candidates(engine, sources, prepared, lastArrival, newest, time.startUnixNano);
  const hits: TraceHit[] = [];
  const seen = new Set<string>();
  while (hits.length < wanted) {
    const group = candidates.nextGroup();
    if (group === undefined) break;
    const start = group.startUnixNano;
    const traces = [...group.spans.keys()].filter((id) => !seen.has(id)).sort();
    for (const traceId of traces) {
      if (hits.length >= wanted) break;
      const matches = group.spans
        .get(traceId)!
        .some((span) => attributesMatch(engine, prepared, span.source, span.ordinal));
      if (!matches) continue;
      seen.add(traceId);
      if (position !== undefined && wasBefore(engine, sources, prepared, lastArrival, position, traceId, start))
        continue;
      hits.push({ traceId, newestMatchUnixNano: start });
    }
  }
  return hits;
}

/** Whether the trace, which matches at `start`, stood on a page up to `position`: there, or by a newer match. */
function wasBefore(
  engine: ReadEngine,
  sources: readonly Source[],
  prepared: PreparedQuery,
  lastArrival: number,
  position: PagePosition,
  traceId: string,
  start: bigint,
): boolean {
  if (start === position.newestMatchUnixNano && traceId <= position.traceId) return true;
  for (const source of sources) {
    const spans = findSpans(engine, [source], traceWords(traceId));
    const plan = spans.length === 0 ? undefined : planSource(prepared, source, engine.hash);
    if (plan === undefined) continue;
    for (const { ordinal } of spans) {
      const begin = startOf(source, ordinal);
      if (begin <= start || begin > prepared.query.time.endUnixNano) continue;
      if (
        arrivedBy(source, ordinal, lastArrival) &&
        columnsMatch(prepared, plan, ordinal) &&
        attributesMatch(engine, prepared, source, ordinal)
      ) {
        return true;
      }
    }
  }
  return false;
}

interface Candidate {
  readonly source: Source;
  readonly ordinal: number;
}

/** Spans that may match, by descending start, over all sources. */
class Candidates {
  private readonly engine: ReadEngine;
  private readonly prepared: PreparedQuery;
  private readonly lastArrival: number;
  private readonly newest: bigint;
  private readonly oldest: bigint;
  /** Not begun yet, by the newest start ascending. */
  private readonly waiting: Source[];
  private readonly running: SourceWalk[] = [];

  constructor(
    engine: ReadEngine,
    sources: readonly Source[],
    prepared: PreparedQuery,
    lastArrival: number,
    newest: bigint,
    oldest: bigint,
  ) {
    this.engine = engine;
    this.prepared = prepared;
    this.lastArrival = lastArrival;
    this.newest = newest;
    this.oldest = oldest;
    this.waiting = sources
      .filter((source) => source.count > 0 && source.firstArrival <= lastArrival)
      .filter((source) => firstStart(source) <= newest && lastStart(source) >= oldest)
      .sort((a, b) => (lastStart(a) < lastStart(b) ? -1 : 1));
  }

  /** All candidates of the greatest start that is left, by trace id. */
  nextGroup(): { readonly startUnixNano: bigint; readonly spans: ReadonlyMap<string, Candidate[]> } | undefined {
    this.beginSources();
    let start: bigint | undefined;
    for (const { head } of this.running) if (start === undefined || head > start) start = head;
    if (start === undefined) return undefined;
    const spans = new Map<string, Candidate[]>();
    for (const walk of this.running) {
      while (!walk.isDone && walk.head === start) {
        const candidate = { source: walk.plan.source, ordinal: walk.ordinal };
        const traceId = traceIdOf(candidate);
        const known = spans.get(traceId);
        if (known === undefined) spans.set(traceId, [candidate]);
        else known.push(candidate);
        walk.advance();
      }
    }
    for (let i = this.running.length - 1; i >= 0; i -= 1) if (this.running[i]!.isDone) this.running.splice(i, 1);
    return { startUnixNano: start, spans };
  }

  /** Begins every source that may hold a span as new as the newest head. */
  private beginSources(): void {
    for (;;) {
      const next = this.waiting.at(-1);
      if (next === undefined) return;
      const reached = this.running.some(({ head }) => head > lastStart(next));
      if (reached) return;
      this.waiting.pop();
      const plan = planSource(this.prepared, next, this.engine.hash);
      if (plan === undefined) continue;
      const walk = new SourceWalk(this.engine, this.prepared, plan, this.lastArrival, this.newest, this.oldest);
      if (!walk.isDone) this.running.push(walk);
    }
  }
}

/** The candidates of one source, newest first. */
class SourceWalk {
  readonly plan: SourceQuery;
  isDone = false;
  ordinal = -1;
  /** The start of the candidate that it stands on. */
  head = 0n;
  private readonly sieve: ChunkSieve;
  private readonly prepared: PreparedQuery;
  private readonly lastArrival: number;
  /** The first ordinal that is new enough. */
  private readonly lowest: number;
  private readonly driver: Uint32Array | undefined;
  /** Position in the driver, or ordinal, that comes next. */
  private next: number;

  constructor(
    engine: ReadEngine,
    prepared: PreparedQuery,
    plan: SourceQuery,
    lastArrival: number,
    newest: bigint,
    oldest: bigint,
  ) {
    this.sieve = new ChunkSieve(engine, prepared, plan.source);
    this.prepared = prepared;
    this.plan = plan;
    this.lastArrival = lastArrival;
    this.lowest = firstAfter(plan.source, oldest - 1n);
    this.driver = plan.lists[0];
    const above = firstAfter(plan.source, newest);
    this.next = (this.driver === undefined ? above : lowerBound(this.driver, above)) - 1;
    this.advance();
  }

  advance(): void {
    const { driver, plan } = this;
    for (; this.next >= 0; this.next -= 1) {
      const ordinal = driver === undefined ? this.next : driver[this.next]!;
      if (ordinal < this.lowest) break;
      if (ordinal === this.ordinal || !isInAll(plan.lists, ordinal)) continue;
      if (!columnsMatch(this.prepared, plan, ordinal)) continue;
      if (!arrivedBy(plan.source, ordinal, this.lastArrival)) continue;
      if (!this.sieve.mayMatch(ordinal)) continue;
      this.ordinal = ordinal;
      this.head = startOf(plan.source, ordinal);
      this.next -= 1;
      return;
    }
    this.isDone = true;
  }
}

/** Whether every list but the first has the ordinal. */
function isInAll(lists: readonly Uint32Array[], ordinal: number): boolean {
  for (let i = 1; i < lists.length; i += 1) {
    const list = lists[i]!;
    if (list[lowerBound(list, ordinal)] !== ordinal) return false;
  }
  return true;
}

/** The first ordinal that starts after `time`. */
function firstAfter(source: Source, time: bigint): number {
  if (lastStart(source) <= time) return source.count;
  let low = 0;
  let high = source.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (startOf(source, middle) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function arrivedBy(source: Source, ordinal: number, lastArrival: number): boolean {
  if (source.lastArrival <= lastArrival) return true;
  const stripe = Math.floor(ordinal / source.stripeSpans);
  return source.firstArrival + source.cold(stripe).arrival[ordinal - stripe * source.stripeSpans]! <= lastArrival;
}

function startOf(source: Source, ordinal: number): bigint {
  const stripe = Math.floor(ordinal / source.stripeSpans);
  const hot = source.hot(stripe);
  const at = ordinal - stripe * source.stripeSpans;
  return joinWords(hot.startHigh[at]!, hot.startLow[at]!);
}

function traceIdOf({ source, ordinal }: Candidate): string {
  const stripe = Math.floor(ordinal / source.stripeSpans);
  const hot = source.hot(stripe);
  const at = ordinal - stripe * source.stripeSpans;
  return hexWord(hot.trace0[at]!) + hexWord(hot.trace1[at]!) + hexWord(hot.trace2[at]!) + hexWord(hot.trace3[at]!);
}

function firstStart(source: Source): bigint {
  return joinWords(source.minStartHigh, source.minStartLow);
}

function lastStart(source: Source): bigint {
  return joinWords(source.maxStartHigh, source.maxStartLow);
}
