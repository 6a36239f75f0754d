import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@spoor/model';
import { classify } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import type { SpanWriter } from '@spoor/storage';
import type { Logger } from 'pino';
import type { CassandraStorageConfig } from './config.ts';
import { GapNotes } from './coverage/gap-notes.ts';
import { NamesCache } from './names-cache.ts';
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
    const rows = new SpanRows(this.config, this.names);
    const taken: QueuedWrite[] = [];
    for (const write of writes) if (await addTo(rows, write)) taken.push(write);
    if (taken.length === 0) return;
    const endTimer = metrics.flushSeconds.startTimer();
    const spansAndNames = rows.partitions.requests((table) => FIRST.has(table));
    const index = rows.partitions.requests((table) => !FIRST.has(table));
    try {
      await requests.write(spansAndNames, this.stopped.signal);
      await this.gaps.cover(rows.newestStartMicros, this.stopped.signal);
      await requests.write(index, this.stopped.signal);
    } catch (thrown) {
      const error = classify(thrown);
      this.failure = error.message;
      for (const { reject } of taken) reject(error);
      return;
    } finally {
      endTimer();
    }
    this.failure = undefined;
    this.names.add(rows.names);
    metrics.flushSpans.observe(rows.spans);
    metrics.rows.inc(rows.partitions.rows);
    metrics.mutations.inc(spansAndNames.length + index.length);
    for (const { spanCount, resolve } of taken) resolve({ accepted: spanCount, rejected: [] });
  }
}

const FIRST: ReadonlySet<string> = new Set(['spans', 'serviceNames', 'operationNames']);

/**
 * Whether the spans of the call can be read at all; when not, it is answered, and touches no other. Batch after batch: a span is
 * larger as an object than its rows, and thousands take a second of this process, in which others have their turn.
 */
async function addTo(rows: SpanRows, write: QueuedWrite): Promise<boolean> {
  try {
    for (const { tenant, bytes } of write.batches) {
      rows.add(tenant, decodeTraces(bytes));
      await setImmediate();
    }
    return true;
  } catch (error) {
    write.reject(error);
    return false;
  }
}
