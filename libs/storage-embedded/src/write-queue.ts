import type { SpanBatch, WriteOutcome } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { WriteGroup, WriteResult } from './write-engine.ts';

/** Bytes that one commit takes at most, unless a single call brings more. */
const MAX_COMMIT_BYTES = 4 * 2 ** 20;

interface Waiting {
  readonly groups: readonly WriteGroup[];
  readonly bytes: number;
  readonly spanCount: number;
  resolve(outcome: WriteOutcome): void;
  reject(error: unknown): void;
}

export interface WriteQueueOptions {
  readonly maxBytes: number;
  /** Stores the groups in one commit. */
  commit(groups: readonly WriteGroup[], transfer: ArrayBuffer[]): Promise<WriteResult>;
}

/** Gathers concurrent writes: while one commit runs, all that arrive wait for the next, which takes them together. */
export class WriteQueue {
  /** Of everything accepted and not answered yet. */
  bytes = 0;
  highWaterBytes = 0;
  refusals = 0;
  private readonly options: WriteQueueOptions;
  private readonly waiting: Waiting[] = [];
  private running: Promise<void> | undefined;
  private isClosed = false;

  constructor(options: WriteQueueOptions) {
    this.options = options;
  }

  write(batches: readonly SpanBatch[], signal: AbortSignal): Promise<WriteOutcome> {
    if (this.isClosed) return Promise.reject(new SpoorError('SPOOR_SHUTTING_DOWN', 'the store is stopping'));
    if (signal.aborted) return Promise.reject(gaveUp());
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
    const spanCount = batches.reduce((sum, batch) => sum + batch.spanCount, 0);
    if (this.bytes > 0 && this.bytes + bytes > this.options.maxBytes) {
      this.refusals += 1;
      return Promise.reject(
        new SpoorError('SPOOR_OVERLOADED', `${this.bytes} bytes of spans wait to be stored already`, {
          retryAfterMs: 1000,
        }),
      );
    }
    this.bytes += bytes;
    this.highWaterBytes = Math.max(this.highWaterBytes, this.bytes);
    return new Promise<WriteOutcome>((resolve, reject) => {
      // A copy, because the worker gets its memory. Not `slice`: of a Buffer that is a view of the same memory.
      const groups = batches.map((batch) => ({ tenant: batch.tenant, bytes: new Uint8Array(batch.bytes) }));
      const waiting: Waiting = {
        groups,
        bytes,
        spanCount,
        resolve: (outcome) => {
          signal.removeEventListener('abort', giveUp);
          resolve(outcome);
        },
        reject: (error) => {
          signal.removeEventListener('abort', giveUp);
          reject(error);
        },
      };
      const giveUp = () => {
        const at = this.waiting.indexOf(waiting);
        if (at < 0) return;
        this.waiting.splice(at, 1);
        this.bytes -= bytes;
        reject(gaveUp());
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiting.push(waiting);
      this.running ??= this.run();
    });
  }

  /** Takes no more; resolves when everything accepted is answered. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.running;
  }

  private async run(): Promise<void> {
    // Writes of the same turn go together.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const commit = this.nextCommit();
      const groups = commit.flatMap((waiting) => waiting.groups);
      try {
        await this.options.commit(
          groups,
          groups.map((group) => group.bytes.buffer as ArrayBuffer),
        );
        for (const { spanCount, resolve } of commit) resolve({ accepted: spanCount, rejected: [] });
      } catch (error) {
        for (const { reject } of commit) reject(error);
      } finally {
        for (const { bytes } of commit) this.bytes -= bytes;
      }
    }
    this.running = undefined;
  }

  private nextCommit(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.waiting) {
      if (count > 0 && bytes + waiting.bytes > MAX_COMMIT_BYTES) break;
      bytes += waiting.bytes;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }
}

function gaveUp(): SpoorError {
  return new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the caller gave up before the spans were stored');
}
