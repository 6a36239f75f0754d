import { DEFAULT_TENANT, type RequestContext } from '@spoor/model';
import { type Day, DependencyCounts, type DependencyLink, startMsOf, type TimeRange } from '@spoor/storage';
import { isMissingTable } from '../errors.ts';
import type { Queries, Row } from '../queries.ts';
import { TENANT_DEPENDENCIES_TABLE } from './own-table.ts';

const DAY_MS = 86_400_000;
const NANOS_OF_MS = 1_000_000n;
/** Days that are asked for at once: what a person looks at. */
const MAX_DAYS = 92;

interface ComputedLink {
  readonly parent: string | null;
  readonly child: string | null;
  readonly call_count: bigint | null;
}

/**
 * What a job has computed, Spoor's or the peer's (CONTRACT §6.2), summed over the days that begin within the time. `undefined` when
 * there is nothing, or more days than are asked for.
 */
export async function computedDependencies(
  queries: Queries,
  time: TimeRange,
  context: RequestContext,
): Promise<DependencyLink[] | undefined> {
  const rows = await computedRows(queries, time, context);
  if (rows.length === 0) return undefined;
  const counts = new DependencyCounts();
  for (const row of rows) {
    for (const { parent, child, call_count: calls } of (row['dependencies'] ?? []) as ComputedLink[])
      if (parent !== null && child !== null) counts.add(parent, child, Number(calls ?? 0n));
  }
  return counts.links();
}

async function computedRows(
  queries: Queries,
  { startUnixNano, endUnixNano }: TimeRange,
  { tenant, signal }: RequestContext,
): Promise<Row[]> {
  const [startMs, endMs] = [Number(startUnixNano / NANOS_OF_MS), Number(endUnixNano / NANOS_OF_MS)];
  const firstDay = Math.floor(startMs / DAY_MS);
  const days = Math.floor(endMs / DAY_MS) - firstDay + 1;
  if (days > MAX_DAYS) return [];
  const within = [new Date(startMs), new Date(endMs)];
  if (tenant !== DEFAULT_TENANT) {
    const query = `SELECT dependencies FROM ${queries.table(TENANT_DEPENDENCIES_TABLE)} WHERE tenant = ? AND day >= ? AND day < ?`;
    return queries.rows(query, [tenant, ...within], signal).catch((error: unknown) => {
      if (isMissingTable(error)) return [];
      throw error;
    });
  }
  const query = `SELECT dependencies FROM ${queries.table('dependencies_v2')} WHERE ts_bucket = ? AND ts >= ? AND ts < ?`;
  const answers = Array.from({ length: days }, (_, day) =>
    queries.rows(query, [new Date((firstDay + day) * DAY_MS), ...within], signal),
  );
  return (await Promise.all(answers)).flat();
}

/** In place of what was stored of the day, in the row in which the peer's job has it (CONTRACT §8.2). */
export async function storeDependencies(
  queries: Queries,
  { day, tenant, links }: { readonly day: Day; readonly tenant: string; readonly links: readonly DependencyLink[] },
  signal: AbortSignal,
): Promise<void> {
  const start = new Date(startMsOf(day));
  const list = links.map(({ parent, child, callCount }) => ({
    ...{ parent, child },
    call_count: BigInt(callCount),
    source: 'jaeger',
  }));
  if (tenant === DEFAULT_TENANT) {
    const insert = `INSERT INTO ${queries.table('dependencies_v2')} (ts_bucket, ts, dependencies) VALUES (?, ?, ?)`;
    await queries.rows(insert, [start, start, list], signal);
  } else {
    const insert = `INSERT INTO ${queries.table(TENANT_DEPENDENCIES_TABLE)} (tenant, day, dependencies) VALUES (?, ?, ?)`;
    await queries.rows(insert, [tenant, start, list], signal);
  }
}
