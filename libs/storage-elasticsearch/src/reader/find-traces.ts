import type { RequestContext } from '@spoor/model';
import type { Page, TraceHit, TraceQuery } from '@spoor/storage';
import { mergeStreams } from '../merge-streams.ts';
import type { LayoutName } from '../settings.ts';
import type { Target } from './ask-search.ts';
import { PointInTimeGone } from './ask-search.ts';
import type { Match, MatchRange, MatchSource } from './match-stream.ts';
import { compareMatches, streamMatches } from './match-stream.ts';
import { spanMatcher } from './matches.ts';
import { millisOf } from './millis.ts';
import type { PageState, Position } from './page-token.ts';
import { readPageToken, writePageToken } from './page-token.ts';
import { closePointInTime, openPointInTime } from './point-in-time.ts';
import type { ReadContext, ReadLayout } from './read-context.ts';

const EXPIRED =
  'the servers no longer keep what the pages before were read from: traces that changed since may be missing or come again';
const NOT_KEPT = 'the servers keep no point in time: traces that change between the pages may be missing or come again';
/** Of matches; several may be of one trace. */
const FIRST_BATCH_PER_TRACE = 4;
const MIN_FIRST_BATCH = 100;

type PointsInTime = Partial<Record<LayoutName, string>>;

/**
 * A page of traces, exactly: matches are read in their order until there are enough traces. All pages of a search are read
 * from the same points in time. On later ones a trace is left out whose newest match lies before them: it was returned.
 */
export async function findTraces(
  reading: ReadContext,
  query: TraceQuery,
  context: RequestContext,
): Promise<Page<TraceHit>> {
  const state = query.page === undefined ? undefined : readPageToken(query.page, context.tenant, query);
  const search = new Search(reading, query, context, state);
  let isKept = false;
  try {
    const page = await search.page(state?.position);
    isKept = page.nextPage !== undefined;
    return page;
  } finally {
    if (!isKept) search.close();
  }
}

class Search {
  private readonly reading: ReadContext;
  private readonly query: TraceQuery;
  private readonly context: RequestContext;
  private readonly points: PointsInTime;
  private readonly isFirst: boolean;
  private incomplete: string | undefined;

  constructor(reading: ReadContext, query: TraceQuery, context: RequestContext, state: PageState | undefined) {
    this.reading = reading;
    this.query = query;
    this.context = context;
    this.points = { ...state?.pointsInTime };
    this.isFirst = state === undefined;
  }

  async page(position: Position | undefined): Promise<Page<TraceHit>> {
    if (this.isFirst) await this.openPoints();
    else if (this.reading.layouts.some(({ layout }) => this.points[layout.name] === undefined)) this.doubt(NOT_KEPT);
    const matches = await this.read(position).catch(async (error: unknown) => {
      if (!(error instanceof PointInTimeGone)) throw error;
      this.close();
      await this.openPoints();
      this.doubt(EXPIRED);
      return this.read(position);
    });
    const shown = matches.slice(0, this.query.limit);
    const last = shown.at(-1);
    const items = shown.map(({ traceId, startUnixNano }) => ({ traceId, newestMatchUnixNano: startUnixNano }));
    const nextPage = last !== undefined && matches.length > shown.length ? this.token(last) : undefined;
    return {
      items,
      ...(nextPage === undefined ? {} : { nextPage }),
      ...(this.incomplete === undefined ? {} : { incomplete: this.incomplete }),
    };
  }

  close(): void {
    for (const [name, id] of Object.entries(this.points)) {
      void closePointInTime(this.reading.server, id);
      delete this.points[name as LayoutName];
    }
  }

  /** The newest match of each trace, in order; one more than a page holds when there are more. */
  private async read(position: Position | undefined): Promise<Match[]> {
    const { limit } = this.query;
    const seen = new Set<string>();
    const found: Match[] = [];
    const stream = this.matches({ after: position }, seen, Math.max(MIN_FIRST_BATCH, limit * FIRST_BATCH_PER_TRACE));
    try {
      while (found.length <= limit) {
        const fresh = await takeNew(stream, seen, limit + 1 - found.length);
        if (fresh.length === 0) break;
        const returned = position === undefined ? new Set() : await this.returnedBefore(fresh, position);
        found.push(...fresh.filter(({ traceId }) => !returned.has(traceId)));
      }
    } finally {
      await stream.return(undefined);
    }
    return found;
  }

  /** Those whose newest match is not behind the position: pages before have them. */
  private async returnedBefore(candidates: readonly Match[], position: Position): Promise<Set<string>> {
    const returned = new Set<string>();
    const ids = candidates.map(({ traceId }) => traceId);
    const range = { fromUnixNano: position.startUnixNano };
    for await (const match of this.matches(range, returned, ids.length * FIRST_BATCH_PER_TRACE, ids)) {
      if (compareMatches(match, position) > 0) continue;
      returned.add(match.traceId);
      if (returned.size === ids.length) break;
    }
    return returned;
  }

  private matches(
    range: MatchRange,
    exclude: ReadonlySet<string>,
    firstBatch: number,
    traceIds?: readonly string[],
  ): AsyncGenerator<Match> {
    const streams = this.reading.layouts.map((one) => {
      const traces = traceIds && { traceQuery: one.layout.tracesQuery(traceIds, this.context.tenant) };
      return streamMatches(this.source(one), { ...range, ...traces }, exclude, firstBatch);
    });
    return mergeStreams(streams, compareMatches);
  }

  private source(one: ReadLayout): MatchSource {
    const { query, mustVerify } = one.layout.query(this.query, this.context.tenant);
    return {
      server: this.reading.server,
      layout: one.layout,
      target: () => this.target(one),
      tenant: this.context.tenant,
      query,
      verify: mustVerify ? spanMatcher(this.query) : undefined,
      signal: this.context.signal,
      onIncomplete: (reason) => this.doubt(reason),
    };
  }

  private target(one: ReadLayout): Target {
    const pointInTime = this.points[one.layout.name];
    if (pointInTime === '') return { indices: [] };
    if (pointInTime !== undefined) return { pointInTime, keepAlive: this.reading.pageKeepAlive };
    return { indices: this.indices(one) };
  }

  private indices({ names }: ReadLayout): readonly string[] {
    const { time } = this.query;
    return time.endUnixNano < time.startUnixNano ? [] : names.span.forReading(millisOf(time));
  }

  private async openPoints(): Promise<void> {
    const { server, layouts, pageKeepAlive } = this.reading;
    const opened = await Promise.all(
      layouts.map(async (one) => {
        const point = await openPointInTime(server, this.indices(one), pageKeepAlive, this.context.signal);
        return { name: one.layout.name, ...point };
      }),
    );
    for (const { name, id, incomplete } of opened) {
      if (id !== undefined) this.points[name] = id;
      if (incomplete !== undefined) this.doubt(incomplete);
    }
  }

  /** Without the points in time when they make it too long. */
  private token(last: Match): string | undefined {
    const { tenant } = this.context;
    const position = { startUnixNano: last.startUnixNano, sortId: last.sortId };
    const token = writePageToken({ position, pointsInTime: this.points }, tenant, this.query);
    if (token !== undefined) return token;
    this.close();
    return writePageToken({ position, pointsInTime: {} }, tenant, this.query);
  }

  private doubt(reason: string): void {
    this.incomplete ??= reason;
  }
}

/** The next matches of traces that were not seen, at most `count`. */
async function takeNew(stream: AsyncGenerator<Match>, seen: Set<string>, count: number): Promise<Match[]> {
  const fresh: Match[] = [];
  while (fresh.length < count) {
    const next = await stream.next();
    if (next.done === true) break;
    if (seen.has(next.value.traceId)) continue;
    seen.add(next.value.traceId);
    fresh.push(next.value);
  }
  return fresh;
}
