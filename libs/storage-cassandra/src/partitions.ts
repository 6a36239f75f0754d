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
  /** What one request with all rows carries of values: the key goes with each row. */
  bytes: number;
}

/**
 * The most that the values of one row may have. Cassandra takes no mutation above half a segment of its commit log, which is 16 MiB
 * unless somebody set it, and adds some 16 bytes to each element of a list, which has 38 at least.
 */
export const MAX_ROW_BYTES = 8 * 2 ** 20;

/**
 * Above either, a partition's rows go in several requests; a row that is larger goes by itself. A mutation of one partition has no
 * batch limit in Cassandra, but smaller ones spread better over a server's threads.
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
    const bytes = bytesOf(partition.key) + bytesOf(row);
    const isFull = partition.rows.length >= MAX_REQUEST_ROWS || partition.bytes + bytes > MAX_REQUEST_BYTES;
    if (partition.rows.length > 0 && isFull) {
      this.full.push(partition);
      partition = { table, key: partition.key, rows: [], bytes: 0 };
      this.open.set(id, partition);
    }
    partition.rows.push(row);
    partition.bytes += bytes;
    this.rows += 1;
  }

  /** Every request of the flush, those of the given tables. */
  requests(wanted: (table: InsertTable) => boolean): Partition[] {
    return [...this.full, ...this.open.values()].filter(({ table, rows }) => rows.length > 0 && wanted(table));
  }
}

/** Of the values, without what the protocol and the server add to them. */
export function bytesOf(values: readonly CqlValue[]): number {
  let bytes = 0;
  for (const value of values) if (value !== UNSET) bytes += (value as Buffer).length;
  return bytes;
}
