import type { Span } from '@spoor/model';
import type { Layout, RequestJson, RequestObject } from '../layouts/layout.ts';
import type { SearchServer } from '../transport/search-server.ts';
import type { Hit, Target } from './ask-search.ts';
import { askSearch, listOf, textOf } from './ask-search.ts';
import type { Position } from './page-token.ts';

/** A span that matches: of which trace, and where it stands in the order. */
export interface Match extends Position {
  /** 32 digits. */
  readonly traceId: string;
}

export interface MatchSource {
  readonly server: SearchServer;
  readonly layout: Layout;
  /** Asked anew for each batch: a point in time may have to be replaced. */
  readonly target: () => Target;
  readonly tenant: string;
  readonly query: RequestObject;
  /** Hits are compared with the query once more. */
  readonly verify: ((span: Span) => boolean) | undefined;
  readonly signal: AbortSignal;
  readonly onIncomplete: (reason: string) => void;
}

export interface MatchRange {
  /** Matches behind this position only. */
  readonly after?: Position | undefined;
  /** Matches that begin then or later only. */
  readonly fromUnixNano?: bigint;
  /** Matches in these traces only. */
  readonly traceQuery?: RequestObject;
}

const MAX_BATCH = 5_000;
/** Seldom do more than a few matches share a start. */
const FIRST_TIES = 50;
/** With their documents, which may be large. */
const MAX_VERIFIED_BATCH = 1_000;

/**
 * The matches of one layout, newest first, then by trace id as it is indexed; not more than one a batch of each start and trace.
 * Traces in `exclude` are left out from the next batch on, so that a trace with many matches does not have to be walked through.
 * The servers sort by the start alone, which costs them a third: those that share a start are put in order here, and where a
 * batch may have ended among them, the rest of them is asked for.
 */
export async function* streamMatches(
  source: MatchSource,
  range: MatchRange,
  exclude: ReadonlySet<string>,
  firstBatch: number,
): AsyncGenerator<Match> {
  const { startUnitNanos } = source.layout.sort;
  const most = source.verify === undefined ? MAX_BATCH : MAX_VERIFIED_BATCH;
  let size = Math.min(firstBatch, most);
  let before: bigint | undefined;
  if (range.after !== undefined) {
    const { startUnixNano, sortId } = range.after;
    const units = startUnixNano / startUnitNanos;
    const isWhole = units * startUnitNanos === startUnixNano;
    if (isWhole) yield* streamTies(source, range, exclude, units, sortId);
    // In a coarser unit, what has that start lies behind the position.
    before = isWhole ? units : units + 1n;
  }
  for (;;) {
    const hits = await batchOf(source, [...restrictions(source, range), ...startsBefore(source, before)], exclude, {
      sort: [{ [source.layout.sort.start]: { order: 'desc', unmapped_type: 'long' } }],
      size,
    });
    const isLast = hits.length < size;
    const lastStart = isLast ? undefined : unitsOf(hits.at(-1)!);
    const whole = hits.filter((hit) => unitsOf(hit) !== lastStart);
    for (const { match, hits: same } of groupsOf(whole, source.layout)) if (holds(source, same)) yield match;
    if (lastStart === undefined) return;
    yield* streamTies(source, range, exclude, lastStart, '');
    before = lastStart;
    size = Math.min(size * 2, most);
  }
}

/** The matches of one start, in order of their trace ids, behind `afterId`. */
async function* streamTies(
  source: MatchSource,
  range: MatchRange,
  exclude: ReadonlySet<string>,
  units: bigint,
  afterId: string,
): AsyncGenerator<Match> {
  const { layout } = source;
  const { start, traceId } = layout.sort;
  let after = afterId;
  for (let size = FIRST_TIES; ; size = Math.min(size * 4, MAX_VERIFIED_BATCH)) {
    const filter: RequestJson[] = [...restrictions(source, range), { term: { [start]: String(units) } }];
    if (after !== '') filter.push({ range: { [traceId]: { gt: after } } });
    const sort = [{ [start]: 'desc' }, { [traceId]: { order: 'asc', unmapped_type: 'keyword' } }];
    const hits = await batchOf(source, filter, exclude, { sort, size });
    const isLast = hits.length < size;
    for (const { match, hits: same } of groupsOf(hits, layout)) {
      after = match.sortId;
      // The batch may have ended amid the spans of one trace.
      const mayHold = !isLast && same.at(-1) === hits.at(-1);
      if (holds(source, same) || (mayHold && (await anyHolds(source, match)))) yield match;
    }
    if (isLast) return;
  }
}

async function batchOf(
  { server, layout, tenant, verify, signal, target, onIncomplete }: MatchSource,
  filter: readonly RequestJson[],
  exclude: ReadonlySet<string>,
  order: RequestObject,
): Promise<readonly Hit[]> {
  const mustNot = exclude.size === 0 ? {} : { must_not: [layout.tracesQuery([...exclude], tenant)] };
  const asked: RequestObject = {
    query: { bool: { filter, ...mustNot } },
    ...order,
    docvalue_fields: [layout.sort.traceId],
    // Even the id lies among the stored fields, of which a block is decompressed for each hit.
    ...(verify === undefined ? { stored_fields: '_none_' } : { _source: true }),
  };
  const found = await askSearch(server, target(), asked, signal);
  if (found.incomplete !== undefined) onIncomplete(found.incomplete);
  return found.hits;
}

function restrictions({ query, layout }: MatchSource, { fromUnixNano, traceQuery }: MatchRange): RequestJson[] {
  const { start, startUnitNanos } = layout.sort;
  const filter: RequestJson[] = [query];
  if (traceQuery !== undefined) filter.push(traceQuery);
  // Rounded up: an earlier one lies before the bound.
  if (fromUnixNano !== undefined)
    filter.push({ range: { [start]: { gte: String((fromUnixNano + startUnitNanos - 1n) / startUnitNanos) } } });
  return filter;
}

function startsBefore({ layout }: MatchSource, units: bigint | undefined): RequestJson[] {
  return units === undefined ? [] : [{ range: { [layout.sort.start]: { lt: String(units) } } }];
}

function holds({ verify, layout }: MatchSource, hits: readonly Hit[]): boolean {
  return verify === undefined || hits.some((hit) => verify(layout.decode(hit.source)));
}

interface Group {
  readonly match: Match;
  readonly hits: Hit[];
}

/** Of hits in order of their starts: those of each start and trace, in the order of matches. */
function groupsOf(hits: readonly Hit[], layout: Layout): Group[] {
  const groups = new Map<string, Group>();
  for (const hit of hits) {
    const match = matchOf(hit, layout);
    const key = `${match.startUnixNano} ${match.sortId}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { match, hits: [hit] });
    else known.hits.push(hit);
  }
  return [...groups.values()].sort((a, b) => compareMatches(a.match, b.match));
}

function matchOf(hit: Hit, { sort }: Layout): Match {
  const sortId = textOf(listOf(hit.fields[sort.traceId])[0]);
  return { startUnixNano: unitsOf(hit) * sort.startUnitNanos, sortId, traceId: sortId.padStart(32, '0') };
}

function unitsOf({ sort: [start] }: Hit): bigint {
  return typeof start === 'number' || typeof start === 'bigint' ? BigInt(start) : 0n;
}

/** Whether any span of the start and trace matches, looked at one after the other. */
async function anyHolds(source: MatchSource, { startUnixNano, sortId }: Match): Promise<boolean> {
  const { layout, verify, server, signal } = source;
  const { start, traceId, startUnitNanos } = layout.sort;
  const filter = [
    source.query,
    { term: { [start]: String(startUnixNano / startUnitNanos) } },
    { term: { [traceId]: sortId } },
  ];
  const query = { bool: { filter } };
  const found = await askSearch(server, source.target(), { query, size: MAX_BATCH, _source: true }, signal);
  if (found.incomplete !== undefined) source.onIncomplete(found.incomplete);
  if (found.hits.some((hit) => verify?.(layout.decode(hit.source)) ?? true)) return true;
  if (found.hits.length === MAX_BATCH)
    source.onIncomplete(`a trace has more than ${MAX_BATCH} spans of one start that had to be looked at one by one`);
  return false;
}

/** Newest first, then by trace id. */
export function compareMatches(a: Omit<Match, 'traceId'>, b: Omit<Match, 'traceId'>): number {
  if (a.startUnixNano !== b.startUnixNano) return a.startUnixNano > b.startUnixNano ? -1 : 1;
  return a.sortId < b.sortId ? -1 : a.sortId > b.sortId ? 1 : 0;
}
