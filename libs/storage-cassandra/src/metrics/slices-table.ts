import cassandra from 'cassandra-driver';
import type { ConsistencyLevel } from '../config.ts';

/**
 * A table of ours in the peer's keyspace, which a peer never looks at: one partition an hour of a service. Where a peer made the
 * keyspace it is missing until `spoor schema apply` adds it.
 */
export const SLICES_TABLE = 'spoor_metrics';

const MINUTE_MICROS = 60_000_000n;
const MAX_TIMESTAMP = 2n ** 63n - 1n;

export function hourOf(minute: number): number {
  return Math.floor(minute / 60);
}

/**
 * The timestamp of a slice's row, in microseconds: of two slices of a source and a minute the one that goes further wins,
 * whichever comes last. It lies near the minute, so that the windows of the table's compaction hold what ends together.
 */
export function sliceTimestamp(minute: number, through: bigint): bigint {
  const timestamp = BigInt(minute) * MINUTE_MICROS + through;
  return timestamp < MAX_TIMESTAMP ? timestamp : MAX_TIMESTAMP;
}

export interface SliceConsistency {
  readonly write: ConsistencyLevel;
  readonly read: ConsistencyLevel;
}

/**
 * Whoever takes a partition over must see what was counted of it, or would count it anew: what is written and what is read have a
 * replica in common, even where the spans' own consistency is less than that.
 */
export function sliceConsistency(writeConsistency: ConsistencyLevel): SliceConsistency {
  switch (writeConsistency) {
    case 'QUORUM':
      return { write: 'QUORUM', read: 'QUORUM' };
    case 'ALL':
    case 'EACH_QUORUM':
      return { write: writeConsistency, read: 'LOCAL_QUORUM' };
    default:
      return { write: 'LOCAL_QUORUM', read: 'LOCAL_QUORUM' };
  }
}

/** Whether the keyspace has the table. Throws what the driver throws. */
export async function hasSlicesTable(client: cassandra.Client, keyspace: string): Promise<boolean> {
  const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?';
  const consistency = cassandra.types.consistencies.localOne;
  const { rows } = await client.execute(query, [keyspace, SLICES_TABLE], { prepare: true, consistency });
  return rows.length > 0;
}
