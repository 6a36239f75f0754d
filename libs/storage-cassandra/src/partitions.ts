import cassandra from 'cassandra-driver';
import type { InsertTable } from './statements.ts';

/** Leaves a column as it is. Writing an empty list would leave a tombstone, which every reader has to step over. */
export const UNSET = cassandra.types.unset;

/** As it goes over the wire. */
export type CqlValue = Buffer | typeof UNSET;

/** Rows of one partition, which one request can write as one mutation. */
export interface Partition {
  readonly table: InsertTable;
  /** The values of the partition key's columns. */
  readonly key: readonly Buffer[];
  /** For each row the values after those of the partition key. */
  rows: CqlValue[][];
  bytes: number;
}

/**
 * Above either, a partition's rows go in several requests. A mutation of one partition has no batch limit in Cassandra, but
 * half a commit log segment is the most that one may have, and smaller ones spread better over a server's threads.
 */
const MAX_REQUEST_BYTES = 128 * 1024;
const MAX_REQUEST_ROWS = 500;

/**
 * The rows of a flush, by partition. A row comes once: its lists would be twice as long, because those that two inserts bring at one
 * point of time are put together (`timestamps.ts`).
 */
export class Partitions {
  private readonly open = new Map<string, Partition>();
  private readonly full: Partition[] = [];
  rows = 0;

  /** `id` tells partitions of all tables apart; `key` is asked for only when the partition is new. */
  add(table: InsertTable, id: string, key: () => readonly Buffer[], row: CqlValue[]): void {
    let partition = this.open.get(id);
    if (partition === undefined) {
      partition = { table, key: key(), rows: [], bytes: 0 };
      this.open.set(id, partition);
    }
    partition.rows.push(row);
    for (const value of row) if (value !== UNSET) partition.bytes += (value as Buffer).length;
    this.rows += 1;
    if (partition.rows.length < MAX_REQUEST_ROWS && partition.bytes < MAX_REQUEST_BYTES) return;
    this.full.push(partition);
    this.open.set(id, { table, key: partition.key, rows: [], bytes: 0 });
  }

  /** Every request of the flush, those of the given tables. */
  requests(wanted: (table: InsertTable) => boolean): Partition[] {
    return [...this.full, ...this.open.values()].filter(({ table, rows }) => rows.length > 0 && wanted(table));
  }
}
