import type { Span } from '@spoor/model';
import type { Layout, RequestJson, RequestObject } from '../layouts/layout.ts';
import type { SearchServer } from '../transport/search-server.ts';
import type { Hit, Target } from './ask-search.ts';
import { askSearch, textOf } from './ask-search.ts';
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
/** With their documents, which may be large. */
const MAX_VERIFIED_BATCH = 1_000;

/**
 * The matches of one layout, newest first, then by trace id as it is indexed; not more than one a batch of each start and trace.
 * Traces in `exclude` are left out from the next batch on, so that a trace with many matches does not have to be walked through.
 */
export async function* streamMatches(
  source: MatchSource,
  range: MatchRange,
  exclude: ReadonlySet<string>,
  firstBatch: number,
): AsyncGenerator<Match> {
  const { verify, layout } = source;
  const most = verify === undefined ? MAX_BATCH : MAX_VERIFIED_BATCH;
  let size = Math.min(firstBatch, most);
  let after = range.after;
  for (;;) {
    const asked: RequestObject = {
      query: restricted(source, range, after, exclude),
      sort: [
        { [layout.sort.start]: { order: 'desc', unmapped_type: 'long' } },
        { [layout.sort.traceId]: { order: 'asc', unmapped_type: 'keyword' } },
      ],
      size,
      _source: verify !== undefined,
    };
    const found = await askSearch(source.server, source.target(), asked, source.signal);
    if (found.incomplete !== undefined) source.onIncomplete(found.incomplete);
    const isLast = found.hits.length < size;
    for (const group of groupsOf(found.hits, layout)) {
      after = group.match;
      const holds = verify === undefined || group.hits.some((hit) => verify(layout.decode(hit.source)));
      // The batch may have ended amid the spans of one start and trace.
      const mayHold = !holds && !isLast && group.hits.at(-1) === found.hits.at(-1);
      if (holds || (mayHold && (await anyHolds(source, group.match)))) yield group.match;
    }
    if (isLast) return;
    size = Math.min(size * 2, most);
  }
}

interface Group {
  readonly match: Match;
  readonly hits: Hit[];
}

/** Hits of the same start and trace stand side by side. */
function groupsOf(hits: readonly Hit[], layout: Layout): Group[] {
  const groups: Group[] = [];
  for (const hit of hits) {
    const match = matchOf(hit, layout);
    const last = groups.at(-1);
    const isSame = last?.match.startUnixNano === match.startUnixNano && last.match.sortId === match.sortId;
    if (isSame) last.hits.push(hit);
    else groups.push({ match, hits: [hit] });
  }
  return groups;
}

function matchOf({ sort: [start, id] }: Hit, { sort }: Layout): Match {
  const sortId = textOf(id);
  const units = typeof start === 'number' || typeof start === 'bigint' ? BigInt(start) : 0n;
  return { startUnixNano: units * sort.startUnitNanos, sortId, traceId: sortId.padStart(32, '0') };
}

function restricted(
  { query, layout, tenant }: MatchSource,
  { fromUnixNano, traceQuery }: MatchRange,
  after: Position | undefined,
  exclude: ReadonlySet<string>,
): RequestObject {
  const { start, traceId, startUnitNanos } = layout.sort;
  const filter: RequestJson[] = [query];
  const mustNot: RequestJson[] = [];
  if (traceQuery !== undefined) filter.push(traceQuery);
  // Rounded up: an earlier one lies before the bound.
  if (fromUnixNano !== undefined)
    filter.push({ range: { [start]: { gte: String((fromUnixNano + startUnitNanos - 1n) / startUnitNanos) } } });
  if (after !== undefined) {
    const units = after.startUnixNano / startUnitNanos;
    filter.push({ range: { [start]: { lte: String(units) } } });
    // In a coarser unit, what has that start lies behind the position.
    if (units * startUnitNanos === after.startUnixNano) {
      const before = [{ term: { [start]: String(units) } }, { range: { [traceId]: { lte: after.sortId } } }];
      mustNot.push({ bool: { filter: before } });
    }
  }
  if (exclude.size > 0) mustNot.push(layout.tracesQuery([...exclude], tenant));
  return { bool: { filter, ...(mustNot.length === 0 ? {} : { must_not: mustNot }) } };
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
