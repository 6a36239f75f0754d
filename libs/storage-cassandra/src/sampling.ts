import type { Clock } from '@spoor/model';
import type { LeaseStore, SamplingStore } from '@spoor/storage';
import cassandra from 'cassandra-driver';
import type { Queries } from './queries.ts';
import { probabilitiesCsv, probabilitiesOfCsv, throughputCsv, throughputOfCsv } from './sampling-csv.ts';

/** Partitions that the rows of throughput are spread over (CONTRACT §3.4). */
const THROUGHPUT_BUCKETS = 10;
/** The one partition of all probabilities. */
const PROBABILITIES_BUCKET = 1;

/** In the peer's tables `operation_throughput` and `sampling_probabilities`, rows and all. */
export function createSamplingStore(queries: Queries, clock: Clock): SamplingStore {
  const throughputTable = queries.table('operation_throughput');
  const probabilitiesTable = queries.table('sampling_probabilities');
  const nowId = () => cassandra.types.TimeUuid.fromDate(new Date(clock.nowMs()));
  return {
    async insertThroughput(throughput, signal) {
      const insert = `INSERT INTO ${throughputTable} (bucket, ts, throughput) VALUES (?, ?, ?)`;
      const bucket = clock.nowMs() % THROUGHPUT_BUCKETS;
      await queries.rows(insert, [bucket, nowId(), throughputCsv(throughput)], signal);
    },
    async getThroughput(afterMs, untilMs, signal) {
      const select = `SELECT throughput FROM ${throughputTable} WHERE bucket = ? AND ts > ? AND ts <= ?`;
      const { max } = cassandra.types.TimeUuid;
      const params = [max(new Date(afterMs), MAX_TICKS), max(new Date(untilMs), MAX_TICKS)];
      const buckets = Array.from({ length: THROUGHPUT_BUCKETS }, (_, bucket) => bucket);
      const rows = await Promise.all(buckets.map((bucket) => queries.rows(select, [bucket, ...params], signal)));
      return rows.flat().flatMap((row) => throughputOfCsv(String(row['throughput'] ?? '')));
    },
    async insertProbabilities(hostname, probabilities, signal) {
      const insert = `INSERT INTO ${probabilitiesTable} (bucket, ts, hostname, probabilities) VALUES (?, ?, ?, ?)`;
      const params = [PROBABILITIES_BUCKET, nowId(), hostname, probabilitiesCsv(probabilities)];
      await queries.rows(insert, params, signal);
    },
    async getLatestProbabilities(signal) {
      const select = `SELECT probabilities FROM ${probabilitiesTable} WHERE bucket = ? LIMIT 1`;
      const [row] = await queries.rows(select, [PROBABILITIES_BUCKET], signal);
      return probabilitiesOfCsv(String(row?.['probabilities'] ?? ''));
    },
  };
}

/** The last hundred nanoseconds of a millisecond. */
const MAX_TICKS = 9_999;

/** In the peer's table `leases`, by lightweight transactions: of two who ask at once, one gets it. */
export function createLeaseStore(queries: Queries): LeaseStore {
  const table = queries.table('leases');
  const isApplied = async (statement: string, params: readonly unknown[], signal: AbortSignal) => {
    const [row] = await queries.rows(statement, params, signal);
    return row?.['[applied]'] === true;
  };
  return {
    async acquire(resource, owner, ttlMs, signal) {
      const seconds = Math.max(1, Math.ceil(ttlMs / 1000));
      const insert = `INSERT INTO ${table} (name, owner) VALUES (?, ?) IF NOT EXISTS USING TTL ?`;
      if (await isApplied(insert, [resource, owner, seconds], signal)) return true;
      const extend = `UPDATE ${table} USING TTL ? SET owner = ? WHERE name = ? IF owner = ?`;
      return isApplied(extend, [seconds, owner, resource, owner], signal);
    },
    forfeit: (resource, owner, signal) =>
      isApplied(`DELETE FROM ${table} WHERE name = ? IF owner = ?`, [resource, owner], signal),
  };
}
