import type { Span } from '@spoor/model';
import { classify } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import type { SpanReader, Storage } from '@spoor/storage';
import { asStoredInCassandra } from '@spoor/storage-cassandra';
import { type ClientOptions, types } from 'cassandra-driver';
import { expect } from 'vitest';
import { createSpanGenerator, type SpanGenerator } from '../../fixtures/spans.ts';
import type { Cassandra } from '../../harness/cassandra.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { indexRows, missingRows } from './index-rows.ts';
import { withClient } from './open-cassandra.ts';

const SPANS_PER_WRITE = 50;
const TRACES_AT_ONCE = 16;
const READING_DEADLINE_MS = 60_000;
const { signal } = new AbortController();

/** How to look at what is stored. */
interface Looking {
  readonly client?: ClientOptions;
  /** Of a store that reads with another consistency. */
  readonly reader?: SpanReader;
  /** By which rows are counted. */
  readonly consistency?: types.consistencies;
  /** The first of the acknowledged requests whose tags nobody has thrown away. */
  readonly firstWithTags?: number;
}

/** Writes without end, each until it is acknowledged, as the ingester does. */
export class Load {
  /** Requests that were acknowledged. */
  readonly acknowledged: Uint8Array[] = [];
  failures = 0;
  private readonly store: Storage;
  private readonly generator: SpanGenerator;
  private readonly lanes: Promise<void>[];
  private isEnding = false;

  constructor(store: Storage, seed = 7) {
    this.store = store;
    this.generator = createSpanGenerator({ seed, startTimeUnixNano: BigInt(Date.now()) * 1_000_000n });
    this.lanes = [1, 2, 3, 4].map(() => this.work());
  }

  /** Resolves when so many more are acknowledged. */
  async more(requests: number): Promise<void> {
    const wanted = this.acknowledged.length + requests;
    await waitFor(() => this.acknowledged.length >= wanted, {
      describe: `${requests} more acknowledged requests`,
      deadlineMs: 60_000,
    });
  }

  async failing(): Promise<void> {
    const before = this.failures;
    await waitFor(() => this.failures > before, { describe: 'a write that fails', deadlineMs: 60_000 });
  }

  async end(): Promise<void> {
    this.isEnding = true;
    await Promise.all(this.lanes);
  }

  /**
   * Ends the load. Every span that was acknowledged is there, once, with each of its tags and events once, and in each of the
   * index tables.
   */
  async expectStored(
    cassandra: Pick<Cassandra, 'host' | 'port'>,
    keyspace: string,
    {
      client: options = {},
      reader = this.store.reader,
      consistency = types.consistencies.quorum,
      firstWithTags = 0,
    }: Looking = {},
  ): Promise<void> {
    await this.end();
    const expected = new Map<string, Span[]>();
    for (const span of this.acknowledged.flatMap((bytes) => decodeTraces(bytes)))
      expected.set(span.traceId, [...(expected.get(span.traceId) ?? []), asStoredInCassandra(span)]);
    const context = { tenant: 'default', signal };
    const check = async ([traceId, spans]: [string, Span[]]) => {
      // Until nodes know of another that it died, they wait for its answers: what was not read in time is asked for again.
      const stored = await waitFor(() => Array.fromAsync(reader.getTrace(traceId, context)), {
        describe: 'a trace that can be read',
        deadlineMs: READING_DEADLINE_MS,
      });
      // Spans whose write failed for good, at the end, may be there too.
      const ids = new Set(spans.map(({ spanId }) => spanId));
      const wanted = stored.flat().filter(({ spanId }) => ids.has(spanId));
      expect(byId(wanted)).toEqual(byId(spans));
    };
    const traces = [...expected];
    while (traces.length > 0) await Promise.all(traces.splice(0, TRACES_AT_ONCE).map(check));
    const rows = await withClient(
      cassandra,
      async (client) => {
        const count = async (table: string) => {
          const { rows: found } = await client.execute(`SELECT count(*) AS n FROM ${keyspace}.${table}`, [], {
            consistency,
            readTimeout: 60_000,
          });
          return Number(found[0]?.['n']);
        };
        const counts = async () => ({
          spans: await count('traces'),
          durations: await count('duration_index'),
          index: await indexRows(client, keyspace, consistency),
        });
        return waitFor(counts, { describe: 'rows that can be counted', deadlineMs: READING_DEADLINE_MS });
      },
      options,
    );
    expect(rows.spans).toBeGreaterThanOrEqual([...expected.values()].flat().length);
    expect(rows.durations).toBe(2 * rows.spans);
    const spansOf = (requests: readonly Uint8Array[]) =>
      requests.flatMap((bytes) => decodeTraces(bytes).map(asStoredInCassandra));
    const [untagged, tagged] = [this.acknowledged.slice(0, firstWithTags), this.acknowledged.slice(firstWithTags)];
    expect(missingRows(spansOf(untagged), rows.index, { withTags: false })).toEqual([]);
    expect(missingRows(spansOf(tagged), rows.index, { withTags: true })).toEqual([]);
  }

  private async work(): Promise<void> {
    while (!this.isEnding) {
      const bytes = this.generator.request(SPANS_PER_WRITE);
      const batch = { tenant: 'default', encoding: 'otlp_proto' as const, spanCount: SPANS_PER_WRITE, bytes };
      for (;;) {
        try {
          await this.store.writer.write([batch], { signal });
          break;
        } catch (error) {
          if (classify(error).kind === 'rejected') throw error;
          this.failures += 1;
        }
      }
      this.acknowledged.push(bytes);
    }
  }
}

function byId(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => (a.spanId < b.spanId ? -1 : 1));
}
