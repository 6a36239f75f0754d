import type { Clock, RequestContext, Span, TraceSummary } from '@spoor/model';
import { classify, SpoorError, systemClock } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import {
  type DependencyLink,
  decodeOperations,
  type Operation,
  type Page,
  type SpanReader,
  type Storage,
  type TraceHit,
} from '@spoor/storage';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { EmbeddedStorageConfig } from './config.ts';
import { lockDirectory } from './data-directory.ts';
import type { Kept } from './keeper.ts';
import type { PackedMinute } from './metrics.ts';
import type { StorageMetrics } from './storage-metrics.ts';
import { storageMetrics } from './storage-metrics.ts';
import { WorkerClient } from './worker-client.ts';
import type { WorkerData } from './worker-protocol.ts';
import type { WriteGroup, WriteResult } from './write-engine.ts';
import { WriteQueue } from './write-queue.ts';

/** How often retention and the age of open segments are looked at. */
const KEEP_INTERVAL_MS = 10_000;

export interface EmbeddedStorageDeps {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock?: Clock;
  /** For tests: fewer bits of every hash, so that collisions are common. */
  readonly hashMask?: number;
  /** For tests of a full disk: pages of 8 KiB that the file may have. */
  readonly maxPages?: number;
}

export interface EmbeddedStorage extends Storage {
  /** Seals, merges and drops now what is due, instead of at the next turn. */
  keep(): Promise<Kept>;
}

/**
 * A durable store in a directory of this machine: three worker threads over one SQLite file. `start` throws
 * `SPOOR_STORAGE_LOCKED`, `SPOOR_STORAGE_CORRUPT`, or `SPOOR_INVALID_CONFIGURATION` for a directory that cannot be used.
 */
export function createEmbeddedStorage(config: EmbeddedStorageConfig, deps: EmbeddedStorageDeps): EmbeddedStorage {
  return new EmbeddedStore(config, deps);
}

class EmbeddedStore implements EmbeddedStorage {
  readonly name = 'embedded-storage';
  readonly writer = {
    write: (...[batches, { signal }]: Parameters<Storage['writer']['write']>) => this.queue.write(batches, signal),
  };
  readonly reader: SpanReader;
  readonly dependencies: Storage['dependencies'];
  readonly metrics: Storage['metrics'];
  private readonly config: EmbeddedStorageConfig;
  private readonly deps: EmbeddedStorageDeps;
  private readonly clock: Clock;
  private readonly queue: WriteQueue;
  private readonly storageMetrics: StorageMetrics;
  private workers: Record<WorkerData['role'], WorkerClient> | undefined;
  private lock: { unlock(): void } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private keeping: Promise<Kept> | undefined;
  private failure: string | undefined;

  constructor(config: EmbeddedStorageConfig, deps: EmbeddedStorageDeps) {
    this.config = config;
    this.deps = deps;
    this.clock = deps.clock ?? systemClock;
    this.queue = new WriteQueue({
      maxBytes: config.maxQueueBytes,
      commit: (groups, transfer) => this.commit(groups, transfer),
    });
    this.storageMetrics = storageMetrics(deps.metrics, () => this.queue);
    this.reader = this.createReader();
    this.dependencies = {
      getDependencies: (time, context) => this.read<DependencyLink[]>('dependencies', { time }, context),
    };
    this.metrics = {
      readMetrics: async (query, context) =>
        (await this.read<PackedMinute[]>('metrics', { query }, context)).map(({ operations, ...minute }) => ({
          ...minute,
          operations: decodeOperations(operations),
        })),
    };
  }

  async start(): Promise<void> {
    const { config, deps } = this;
    this.lock = lockDirectory(config.directory);
    const open = async (role: WorkerData['role']) => {
      const client = new WorkerClient({ role, config, hashMask: deps.hashMask ?? 0xffffffff, maxPages: deps.maxPages });
      opened.push(client);
      await client.open();
      return client;
    };
    const opened: WorkerClient[] = [];
    try {
      // The writer first: it makes the file.
      const writer = await open('writer');
      const [reader, keeper] = await Promise.all([open('reader'), open('keeper')]);
      this.workers = { writer, reader, keeper };
    } catch (error) {
      await Promise.all(opened.map((client) => client.close()));
      this.lock.unlock();
      this.lock = undefined;
      throw error;
    }
    this.timer = setInterval(() => this.keepInBackground(), KEEP_INTERVAL_MS);
    this.timer.unref();
    this.keepInBackground();
  }

  async stop(signal: AbortSignal): Promise<void> {
    clearInterval(this.timer);
    const { workers } = this;
    const drained = Promise.all([this.queue.close(), this.keeping?.catch(() => undefined)]);
    await untilAborted(drained, signal, () => undefined);
    this.workers = undefined;
    if (workers !== undefined) await Promise.all(Object.values(workers).map((worker) => worker.close()));
    this.lock?.unlock();
    this.lock = undefined;
  }

  readiness() {
    if (this.workers === undefined) return { ready: false, reason: 'the embedded store is not open' };
    return this.failure === undefined ? { ready: true } : { ready: false, reason: this.failure };
  }

  async keep(): Promise<Kept> {
    await this.keeping?.catch(() => undefined);
    this.keeping = this.keepNow();
    return this.keeping;
  }

  private async keepNow(): Promise<Kept> {
    const { writer, keeper } = this.openWorkers();
    const nowMs = this.clock.nowMs();
    await writer.ask('closeOld', { nowMs });
    const kept = await keeper.ask<Kept>('keep', { nowMs });
    if (kept.droppedSpans > 0) {
      this.storageMetrics.droppedSpans.inc(kept.droppedSpans);
      this.deps.logger.info({ segments: kept.dropped, spans: kept.droppedSpans }, 'retention dropped segments');
    }
    const { fileBytes, segments } = await keeper.ask<{ fileBytes: number; segments: number }>('size', undefined);
    this.storageMetrics.diskBytes.set(fileBytes);
    this.storageMetrics.segments.set(segments);
    return kept;
  }

  private keepInBackground(): void {
    if (this.workers === undefined) return;
    this.keep().catch((error) => {
      if (this.workers !== undefined)
        this.deps.logger.error({ err: error }, 'the store could not be tidied; trying again');
    });
  }

  private async commit(groups: readonly WriteGroup[], transfer: ArrayBuffer[]): Promise<WriteResult> {
    const begin = performance.now();
    try {
      const { writer } = this.openWorkers();
      const result = await writer.ask<WriteResult>('write', { groups, nowMs: this.clock.nowMs() }, transfer);
      this.failure = undefined;
      this.storageMetrics.commitSeconds.observe((performance.now() - begin) / 1000);
      this.storageMetrics.spansPerCommit.observe(result.storedSpans);
      this.storageMetrics.blocks.inc(result.blocks);
      this.storageMetrics.duplicateSpans.inc(result.duplicateSpans);
      if (result.closedSegment) this.keepInBackground();
      return result;
    } catch (error) {
      const { kind, message } = classify(error);
      if (kind !== 'rejected') this.failure = message;
      throw error;
    }
  }

  private createReader(): SpanReader {
    return {
      getTrace: (traceId, context) => this.getTrace(traceId, context),
      findTraces: (query, context) => this.read<Page<TraceHit>>('findTraces', { query }, context),
      summariseTraces: (traceIds, context) => this.read<TraceSummary[]>('summarise', { traceIds }, context),
      getServices: (context) => this.read<string[]>('services', {}, context),
      getOperations: (service, context, kind) => this.read<Operation[]>('operations', { service, kind }, context),
    };
  }

  private async *getTrace(traceId: string, context: RequestContext): AsyncGenerator<readonly Span[]> {
    for (const message of await this.read<Uint8Array[]>('getTrace', { traceId }, context)) yield decodeTraces(message);
  }

  private async read<T>(operation: string, argument: object, context: RequestContext): Promise<T> {
    if (context.signal.aborted) throw gaveUp();
    const answer = this.openWorkers().reader.ask<T>(operation, { ...argument, tenant: context.tenant });
    return untilAborted(answer, context.signal, () => {
      throw gaveUp();
    });
  }

  private openWorkers(): Record<WorkerData['role'], WorkerClient> {
    if (this.workers === undefined) throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the embedded store is not open');
    return this.workers;
  }
}

function gaveUp(): SpoorError {
  return new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the caller gave up before the store answered');
}

/** The promise's outcome, or what `instead` returns or throws once `signal` aborts. Leaves no listener behind. */
async function untilAborted<T, U>(promise: Promise<T>, signal: AbortSignal, instead: () => U): Promise<T | U> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const onAbort = () => resolve();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.then(instead)]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
