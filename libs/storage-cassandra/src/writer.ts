import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@spoor/model';
import { classify } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import type { SpanWriter } from '@spoor/storage';
import type { Logger } from 'pino';
import type { CassandraStorageConfig } from './config.ts';
import { GapNotes } from './coverage/gap-notes.ts';
import { NamesCache } from './names-cache.ts';
import { OversizedSpans } from './oversized-spans.ts';
import type { Partition } from './partitions.ts';
import type { Requests } from './requests.ts';
import { SpanRows } from './span-rows.ts';
import type { CassandraMetrics } from './storage-metrics.ts';
import type { QueuedWrite } from './write-queue.ts';
import { WriteQueue } from './write-queue.ts';

export interface CassandraWriterDeps {
  readonly requests: Requests;
  readonly metrics: CassandraMetrics;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Writes spans to the peer's tables. All rows that a flush has for one partition are one request and one mutation. The spans
 * come first, their index rows after them, so that no search finds a trace that cannot be read. Every row is the same whenever
 * its span comes again.
 */
export class CassandraWriter implements SpanWriter {
  readonly queue: WriteQueue;
  /** Why the last flush failed; `undefined` when it did not. */
  failure: string | undefined;
  private readonly config: CassandraStorageConfig['write'];
  private readonly deps: CassandraWriterDeps;
  private readonly names: NamesCache;
  private readonly gaps: GapNotes;
  private readonly stopped = new AbortController();

  constructor(config: CassandraStorageConfig['write'], deps: CassandraWriterDeps) {
    this.config = config;
    this.deps = deps;
    this.names = new NamesCache(config.namesCacheTtlMs, deps.clock);
    this.gaps = new GapNotes(config, deps);
    this.queue = new WriteQueue({
      maxBytes: config.maxQueueBytes,
      lingerMs: config.lingerMs,
      maxFlushSpans: config.maxFlushSpans,
      flush: (writes) => this.flush(writes),
    });
  }

  write(...[batches, { signal }]: Parameters<SpanWriter['write']>): ReturnType<SpanWriter['write']> {
    return this.queue.write(batches, signal);
  }

  /** What waits for another attempt is given up. */
  abort(): void {
    this.stopped.abort();
  }

  private async flush(writes: readonly QueuedWrite[]): Promise<void> {
    const { requests, metrics } = this.deps;
    const refused = new Set<string>();
    let { rows, taken } = await this.rowsOf(writes, refused);
    if (taken.size === 0) return;
    const endTimer = metrics.flushSeconds.startTimer();
    let index: readonly Partition[] = [];
    const spansAndNames = rows.partitions.requests((table) => FIRST.has(table));
    try {
      await requests.write(spansAndNames, this.stopped.signal, (row) => refused.add(rows.idOf(row) ?? ''));
      // A span that the server did not take must not be in the index.
      if (refused.size > 0) ({ rows, taken } = await this.rowsOf([...taken.keys()], refused));
      await this.gaps.cover(rows.newestStartMicros, this.stopped.signal);
      index = rows.partitions.requests((table) => !FIRST.has(table));
      await requests.write(index, this.stopped.signal);
    } catch (thrown) {
      const error = classify(thrown);
      this.failure = error.message;
      for (const { reject } of taken.keys()) reject(error);
      return;
    } finally {
      endTimer();
    }
    this.failure = undefined;
    this.names.add(rows.names);
    metrics.flushSpans.observe(rows.spans);
    metrics.rows.inc(rows.partitions.rows);
    metrics.mutations.inc(spansAndNames.length + index.length);
    for (const [{ spanCount, resolve }, oversized] of taken)
      resolve({ accepted: spanCount - oversized.count, rejected: oversized.rejections() });
  }

  /** The rows of the calls that can be read at all; the others are answered. */
  private async rowsOf(writes: Iterable<QueuedWrite>, refused: ReadonlySet<string>) {
    const rows = new SpanRows(this.config, this.names, refused);
    const taken = new Map<QueuedWrite, OversizedSpans>();
    for (const write of writes) {
      const oversized = new OversizedSpans();
      if (await addTo(rows, write, oversized)) taken.set(write, oversized);
    }
    return { rows, taken };
  }
}

const FIRST: ReadonlySet<string> = new Set(['spans', 'serviceNames', 'operationNames']);

/**
 * Whether the spans of the call can be read at all; when not, it is answered, and touches no other. Batch after batch: a span is
 * larger as an object than its rows, and thousands take a second of this process, in which others have their turn.
 */
async function addTo(rows: SpanRows, write: QueuedWrite, oversized: OversizedSpans): Promise<boolean> {
  try {
    for (const { tenant, bytes } of write.batches) {
      rows.add(tenant, decodeTraces(bytes), oversized);
      await setImmediate();
    }
    return true;
  } catch (error) {
    write.reject(error);
    return false;
  }
}
