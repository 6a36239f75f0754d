import { troubleOf } from '../errors.ts';
import type { Queries } from '../queries.ts';
import { GAPS_PARTITION, GAPS_TABLE } from './gaps-table.ts';
import { commonCoverage, type IndexCoverage } from './index-coverage.ts';
import { coverageWithout } from './left-out.ts';

/**
 * What the index tables have of all spans that start then or later: what `own` settings say, less what writers have noted. A
 * keyspace that has no notes (a peer's) is as the settings say.
 */
export async function knownCoverage(
  queries: Queries,
  own: IndexCoverage,
  fromMicros: bigint,
  signal: AbortSignal,
): Promise<IndexCoverage> {
  const query = `SELECT left_out, until FROM ${queries.table(GAPS_TABLE)} WHERE kind = ?`;
  try {
    const rows = await queries.rows(query, [GAPS_PARTITION], signal);
    const relevant = rows.filter((row) => (row['until'] as bigint) >= fromMicros);
    return commonCoverage([own, ...relevant.map((row) => coverageWithout(row['left_out'] as string))]);
  } catch (error) {
    if (troubleOf((error as Error).cause) === 'schema') return own;
    throw error;
  }
}
