import type { DependencyLink, TimeRange } from '@spoor/storage';
import type { Queries } from './queries.ts';

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
 * What a job has computed and put into `dependencies_v2` (CONTRACT §6.2), summed over the time. `undefined` when there is nothing, or
 * more days than are asked for.
 */
export async function computedDependencies(
  queries: Queries,
  { startUnixNano, endUnixNano }: TimeRange,
  signal: AbortSignal,
): Promise<DependencyLink[] | undefined> {
  const [startMs, endMs] = [Number(startUnixNano / NANOS_OF_MS), Number(endUnixNano / NANOS_OF_MS)];
  const firstDay = Math.floor(startMs / DAY_MS);
  const days = Math.floor(endMs / DAY_MS) - firstDay + 1;
  if (days > MAX_DAYS) return undefined;
  const query = `SELECT dependencies FROM ${queries.table('dependencies_v2')} WHERE ts_bucket = ? AND ts >= ? AND ts < ?`;
  const answers = await Promise.all(
    Array.from({ length: days }, (_, day) => {
      const params = [new Date((firstDay + day) * DAY_MS), new Date(startMs), new Date(endMs)];
      return queries.rows(query, params, signal);
    }),
  );
  const rows = answers.flat();
  if (rows.length === 0) return undefined;
  const links = new Map<string, DependencyLink>();
  for (const row of rows) {
    for (const { parent, child, call_count: calls } of (row['dependencies'] ?? []) as ComputedLink[]) {
      if (parent === null || child === null) continue;
      const key = JSON.stringify([parent, child]);
      links.set(key, { parent, child, callCount: (links.get(key)?.callCount ?? 0) + Number(calls ?? 0n) });
    }
  }
  return [...links.values()];
}
