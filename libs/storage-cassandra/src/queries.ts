import { SpoorError } from '@spoor/model';
import cassandra from 'cassandra-driver';
import { storageError } from './errors.ts';
import type { PageSize } from './page-size.ts';
import type { ReadBudget } from './read-budget.ts';
import { quoted } from './schema.ts';
import type { CassandraMetrics } from './storage-metrics.ts';

export type Row = cassandra.types.Row;

export interface QueriesOptions {
  readonly keyspace: string;
  readonly consistency: cassandra.types.consistencies;
  readonly maxConcurrency: number;
  readonly metrics: CassandraMetrics;
}

/** The most rows of one answer. */
export const PAGE_ROWS = 2_000;
/** Of the few statements with a condition, all of them of leases. */
const serialConsistency = cassandra.types.consistencies.localSerial;

/** Everything that is read goes through here: bounded at once and altogether, counted, its errors the contract's. */
export class Queries {
  readonly table: (name: string) => string;
  private readonly client: () => cassandra.Client;
  private readonly options: QueriesOptions;
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(client: () => cassandra.Client, options: QueriesOptions) {
    this.client = client;
    this.options = options;
    this.table = (name) => `${quoted(options.keyspace)}.${name}`;
  }

  /** All rows of a statement that bounds them itself. */
  async rows(query: string, params: readonly unknown[], signal: AbortSignal, budget?: ReadBudget): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const page of this.pages(query, params, signal, budget)) rows.push(...page);
    return rows;
  }

  /** All rows, page after page, of a size that may change. Each answer costs the budget its rows, and at least one. */
  async *pages(
    query: string,
    params: readonly unknown[],
    signal: AbortSignal,
    budget?: ReadBudget,
    size?: PageSize,
  ): AsyncGenerator<Row[]> {
    let pageState: Buffer | string | undefined;
    do {
      const page = { fetchSize: size?.rows ?? PAGE_ROWS, ...(pageState === undefined ? {} : { pageState }) };
      const result = await this.execute(query, params, signal, page);
      budget?.spend(Math.max(1, result.rows.length));
      size?.learn(result.rows);
      yield result.rows;
      pageState = result.pageState ?? undefined;
    } while (pageState !== undefined);
  }

  private async execute(
    query: string,
    params: readonly unknown[],
    signal: AbortSignal,
    page: cassandra.QueryOptions,
  ): Promise<Pick<cassandra.types.ResultSet, 'rows' | 'pageState'>> {
    const { keyspace, consistency, metrics } = this.options;
    await this.enter();
    try {
      if (signal.aborted)
        throw new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the caller gave up before Cassandra answered');
      const options = { keyspace, consistency, prepare: true, isIdempotent: true, serialConsistency, ...page };
      const { rows, pageState } = await this.client().execute(query, [...params], options);
      // What writes has no rows at all.
      const answer = { rows: rows ?? [], pageState };
      metrics.queries.inc();
      metrics.rowsRead.inc(answer.rows.length);
      return answer;
    } catch (error) {
      throw storageError(error, 'answer');
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.running < this.options.maxConcurrency) this.running += 1;
    // Whoever leaves hands over its place, so `running` stays as it is.
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.running -= 1;
    else next();
  }
}
