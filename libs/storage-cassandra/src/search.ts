import type { RequestContext, TraceId } from '@spoor/model';
import type { Page, TraceHit, TraceQuery } from '@spoor/storage';
import type { CassandraStorageConfig } from './config.ts';
import { coverageOf } from './coverage/index-coverage.ts';
import { knownCoverage } from './coverage/known-coverage.ts';
import { spanMatcher } from './matching.ts';
import { nameKey } from './name-key.ts';
import { servicesOf } from './names.ts';
import { MAX_SHOWN, type PagePosition, readPageToken, shownMark, writePageToken } from './page-token.ts';
import { ceilMicros, floorMicros, planOf } from './plan.ts';
import { PAGE_ROWS, type Queries } from './queries.ts';
import { BudgetSpent, ReadBudget, tooCostly } from './read-budget.ts';
import { SpanTable } from './span-table.ts';
import type { IndexRow, Moment, StartStream } from './start-stream.ts';
import { tenantKeys } from './tenant-keys.ts';
import { unionOf } from './union.ts';
import { Verifier } from './verifier.ts';

/** Candidates whose spans are read at once. */
const MAX_AHEAD = 32;
/** Partitions that a search without a service may begin to read. */
const MAX_PARTITIONS = 1_000;
/** Later than any span: times are 64-bit nanoseconds. */
const LATEST_MICROS = (1n << 64n) / 1_000n;

interface Candidate {
  readonly traceId: TraceId;
  readonly startMicros: bigint;
  readonly rows: readonly IndexRow[];
}

/**
 * Merges the rows of the index tables by start, newest first, looks at the spans where rows do not tell, and stops as soon as the
 * page is full. What it may read is bounded: a search that has found something by then says that it is incomplete, and where it
 * goes on; one that has found nothing is refused with `SPOOR_INVALID_REQUEST`.
 */
export async function findTraces(
  queries: Queries,
  config: CassandraStorageConfig,
  query: TraceQuery,
  context: RequestContext,
): Promise<Page<TraceHit>> {
  const { tenant, signal } = context;
  const matches = spanMatcher(query);
  const position = query.page === undefined ? undefined : readPageToken(query.page, tenant, query);
  const fromMicros = max(0n, ceilMicros(query.time.startUnixNano));
  const end = min(LATEST_MICROS, floorMicros(query.time.endUnixNano));
  const until = position === undefined ? end : min(position.fromMicros, end);
  if (until < fromMicros) return { items: [] };

  const keys = tenantKeys(tenant);
  const budget = new ReadBudget(config.read.maxRows);
  const [coverage, services] = await Promise.all([
    knownCoverage(queries, coverageOf(config.write), fromMicros, signal),
    query.serviceName === undefined ? servicesOf(queries, keys, signal, config.read.maxRows) : [query.serviceName],
  ]);
  const plan = planOf(query, coverage);
  const maxServices = Math.min(config.read.maxServices, Math.floor(MAX_PARTITIONS / plan.partitionsOfService));
  if (services.length > maxServices)
    throw tooCostly(`a search through all ${services.length} services`, 'name the service');
  const firstPageRows = Math.max(16, Math.min(500, query.limit * 2 + 4));
  const streamContext = { queries, budget, signal, fromMicros, firstPageRows };
  const root = unionOf(services.map((service) => plan.stream(streamContext, keys.serviceKey(nameKey(service)))));
  const verifier = new Verifier(new SpanTable(queries, keys, signal), matches);
  const pieces = { root, isCertain: plan.isCertain, verifier, budget };
  const scan = new Scan(pieces, until, position?.shown ?? new Set());
  const reason = await scan.run(query.limit).catch((error: unknown) => {
    if (!(error instanceof BudgetSpent)) throw error;
    if (scan.hits.length === 0) throw spent(error, query);
    return `Cassandra was asked for ${error.budget.maxRows} rows, which is the most that one search may read`;
  });
  return pageOf(scan, reason, tenant, query);
}

/** What a search is made of. */
interface Pieces {
  readonly root: StartStream;
  /** The rows of `root` are hits, but for those that are guesses. */
  readonly isCertain: boolean;
  readonly verifier: Verifier;
  readonly budget: ReadBudget;
}

class Scan {
  readonly hits: TraceHit[] = [];
  /** What is not looked at yet starts at or before it. */
  bound: bigint;
  /** Marks of the traces of this page and those before. */
  readonly shown: Set<string>;
  isDone = false;
  private readonly root: StartStream;
  private readonly isCertain: boolean;
  private readonly verifier: Verifier;
  private readonly budget: ReadBudget;

  constructor({ root, isCertain, verifier, budget }: Pieces, until: bigint, shown: ReadonlySet<string>) {
    this.root = root;
    this.isCertain = isCertain;
    this.verifier = verifier;
    this.budget = budget;
    this.bound = until;
    this.shown = new Set(shown);
  }

  /** Ends with `limit` hits and the knowledge that there is another, or with all hits there are. */
  async run(limit: number): Promise<undefined> {
    let ahead = this.bound;
    while (!this.isDone) {
      const candidates: Candidate[] = [];
      const wanted = Math.min(this.maxAhead(), limit + 1 - this.hits.length);
      while (candidates.length < wanted && !this.isDone) {
        const moment = await this.root.next(ahead);
        if (moment === undefined) this.isDone = true;
        else {
          candidates.push(...this.candidatesAt(moment));
          ahead = moment.startMicros - 1n;
        }
      }
      const budget = candidates.length > 1 ? this.budget.half() : this.budget;
      const verdicts = candidates.map((candidate) => this.isHit(candidate, budget));
      // All are waited for, so that none is left behind when one fails.
      await Promise.allSettled(verdicts);
      for (const [i, candidate] of candidates.entries()) {
        const { traceId, startMicros } = candidate;
        this.bound = startMicros;
        const mark = shownMark(traceId);
        if (this.shown.has(mark) || !(await this.insist(verdicts[i]!, candidate))) continue;
        if (this.hits.length === limit) {
          this.isDone = false;
          return undefined;
        }
        this.shown.add(mark);
        this.hits.push({ traceId, newestMatchUnixNano: startMicros * 1_000n });
      }
      this.bound = ahead;
    }
    return undefined;
  }

  /** Reading ahead must not spend what the first of them needs: their first answers cost less than half of what is left. */
  private maxAhead(): number {
    return Math.max(1, Math.min(MAX_AHEAD, Math.floor(this.budget.half().maxRows / PAGE_ROWS)));
  }

  /** Of the traces that start something then, by id; those that have been shown are left out. */
  private candidatesAt({ startMicros, rows }: Moment): Candidate[] {
    const traces = Map.groupBy(rows, ({ traceId }) => traceId);
    return [...traces]
      .filter(([traceId]) => !this.shown.has(shownMark(traceId)))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([traceId, ofTrace]) => ({ traceId, startMicros, rows: ofTrace }));
  }

  private async isHit({ traceId, startMicros, rows }: Candidate, budget: ReadBudget): Promise<boolean> {
    if (this.isCertain && rows.some(({ isGuess }) => isGuess !== true)) return true;
    return this.verifier.holds(traceId, startMicros, rows, budget);
  }

  /** The verdict, or, where it had too little to spend, another one that may spend all there is. */
  private async insist(verdict: Promise<boolean>, candidate: Candidate): Promise<boolean> {
    try {
      return await verdict;
    } catch (error) {
      if (!(error instanceof BudgetSpent) || error.budget === this.budget) throw error;
      return this.isHit(candidate, this.budget);
    }
  }
}

function pageOf(scan: Scan, reason: string | undefined, tenant: string, query: TraceQuery): Page<TraceHit> {
  const { hits: items, isDone } = scan;
  if (isDone && reason === undefined) return { items };
  const next: PagePosition = { fromMicros: scan.bound, shown: scan.shown };
  if (next.shown.size > MAX_SHOWN) {
    const end = `pages end after ${MAX_SHOWN} traces; ask for an earlier time to see what follows`;
    return { items, incomplete: reason ?? end };
  }
  const nextPage = writePageToken(next, tenant, query);
  return reason === undefined ? { items, nextPage } : { items, nextPage, incomplete: reason };
}

function spent({ budget: { maxRows } }: BudgetSpent, query: TraceQuery) {
  const missing = [
    ...(query.serviceName === undefined ? ['a service'] : []),
    ...(query.operationName === undefined ? ['an operation'] : []),
    ...(query.attributes.length === 0 ? ['a tag that few spans have'] : []),
  ];
  const advice =
    missing.length === 0 ? 'ask for a shorter time' : `add ${missing.join(', or ')}, or ask for a shorter time`;
  return tooCostly(`a search that has read ${maxRows} rows and found nothing`, advice);
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
