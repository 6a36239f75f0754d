import cassandra from 'cassandra-driver';
import { Concurrency } from './concurrency.ts';
import { storageError, troubleOf } from './errors.ts';
import type { CqlValue, Partition } from './partitions.ts';
import type { InsertStatements } from './statements.ts';
import type { CassandraMetrics } from './storage-metrics.ts';

export interface RequestsOptions {
  readonly keyspace: string;
  readonly consistency: cassandra.types.consistencies;
  readonly maxConcurrency: number;
  readonly maxAttempts: number;
  readonly statements: InsertStatements;
  readonly metrics: Pick<CassandraMetrics, 'requestSeconds' | 'writeFailures'>;
  /** Resolves after the milliseconds, or as soon as the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

const FIRST_WAIT_MS = 50;
const NEVER = new cassandra.policies.retry.FallthroughRetryPolicy();

/** Is told of a row that the server takes by itself as little as with others, since it is too large for it. */
export type OnTooLarge = (row: readonly CqlValue[], partition: Partition) => void;

/** Writes partitions: each request is one mutation of one partition, sent to a host that has it. */
export class Requests {
  readonly concurrency: Concurrency;
  private readonly client: () => cassandra.Client;
  private readonly options: RequestsOptions;

  constructor(client: () => cassandra.Client, options: RequestsOptions) {
    this.client = client;
    this.options = options;
    this.concurrency = new Concurrency(options.maxConcurrency);
  }

  /**
   * Resolves when all are stored, but for the rows that `onTooLarge` was told of. Throws `SPOOR_STORAGE_UNAVAILABLE` once one of them
   * could not be, after none is under way any more; without `onTooLarge` also for a row that is too large.
   */
  async write(partitions: readonly Partition[], signal: AbortSignal, onTooLarge?: OnTooLarge): Promise<void> {
    let failure: unknown;
    const running: Promise<void>[] = [];
    for (const partition of partitions) {
      if (failure !== undefined) break;
      await this.concurrency.enter();
      running.push(
        this.writeOne(partition, signal, onTooLarge)
          .catch((error: unknown) => {
            failure ??= error;
          })
          .finally(() => this.concurrency.leave()),
      );
    }
    await Promise.all(running);
    if (failure !== undefined) throw failure;
  }

  private async writeOne(partition: Partition, signal: AbortSignal, onTooLarge?: OnTooLarge): Promise<void> {
    const { maxAttempts, metrics, wait, random } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      const begin = performance.now();
      try {
        await this.send(partition);
        const ms = performance.now() - begin;
        this.concurrency.answered(ms);
        metrics.requestSeconds.observe(ms / 1000);
        return;
      } catch (error) {
        const trouble = troubleOf(error);
        metrics.writeFailures.inc({ trouble });
        if (trouble === 'overloaded') this.concurrency.refused();
        if (trouble === 'too_large' && onTooLarge !== undefined) {
          const [only, ...others] = partition.rows;
          if (only === undefined || others.length === 0) onTooLarge(only ?? [], partition);
          else for (const half of halvesOf(partition)) await this.writeOne(half, signal, onTooLarge);
          return;
        }
        const mayPass = trouble === 'overloaded' || trouble === 'unavailable';
        if (!mayPass || attempt >= maxAttempts || signal.aborted) throw storageError(error, 'take spans');
        await wait(FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + random()), signal);
      }
    }
  }

  private async send({ table, key, rows }: Partition): Promise<void> {
    const { statements, keyspace, consistency } = this.options;
    const query = statements[table];
    // The driver must not send a request again: it would carry the same timestamp (`timestamps.ts`). `writeOne` makes a new one.
    const options = { keyspace, consistency, prepare: true, isIdempotent: true, retry: NEVER };
    const [only] = rows;
    // The driver finds the host of a single statement by its parameters, and of a batch by the key that it is told.
    if (rows.length === 1 && only !== undefined) await this.client().execute(query, [...key, ...only], options);
    else {
      const statementsOfRows = rows.map((row) => ({ query, params: [...key, ...row] }));
      await this.client().batch(statementsOfRows, { ...options, logged: false, routingKey: [...key] });
    }
  }
}

function halvesOf({ table, key, rows, bytes }: Partition): Partition[] {
  const middle = Math.ceil(rows.length / 2);
  return [rows.slice(0, middle), rows.slice(middle)].map((some) => ({ table, key, rows: some, bytes: bytes / 2 }));
}
