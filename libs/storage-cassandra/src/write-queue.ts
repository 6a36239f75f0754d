import type { SpanBatch, WriteOutcome } from '@spoor/model';
import { SpoorError } from '@spoor/model';

/** One while another is being sent, so that neither this process nor the server waits for the other. */
const FLUSHES_AT_ONCE = 2;

/** Of a flush, unless one batch brings more: what spans become is many times as large, however few they are. */
const MAX_FLUSH_BYTES = 4 * 1024 * 1024;

/** One call of `write`, or a part of it that a flush can hold, until its flush is over. */
export interface QueuedWrite {
  readonly batches: readonly SpanBatch[];
  readonly bytes: number;
  readonly spanCount: number;
  readonly arrivedMs: number;
  resolve(outcome: WriteOutcome): void;
  reject(error: unknown): void;
}

export interface WriteQueueOptions {
  readonly maxBytes: number;
  /** How long a write waits for others to go with it, unless there are enough for a flush. */
  readonly lingerMs: number;
  /** Of a flush, unless one batch brings more. */
  readonly maxFlushSpans: number;
  /** Answers each of the calls. Never throws. */
  flush(writes: readonly QueuedWrite[]): Promise<void>;
}

/** Gathers calls: what arrives while flushes are under way goes with the next one, and the more it is, the less each span costs. */
export class WriteQueue {
  /** Of everything taken and not answered yet. */
  bytes = 0;
  highWaterBytes = 0;
  private readonly options: WriteQueueOptions;
  private readonly waiting: QueuedWrite[] = [];
  private readonly flushes = new Set<Promise<void>>();
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(options: WriteQueueOptions) {
    this.options = options;
  }

  async write(batches: readonly SpanBatch[], signal: AbortSignal): Promise<WriteOutcome> {
    if (this.isClosed) throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the store is stopping');
    if (signal.aborted) throw gaveUp();
    const bytes = bytesOf(batches);
    if (this.bytes > 0 && this.bytes + bytes > this.options.maxBytes) {
      throw new SpoorError('SPOOR_OVERLOADED', `${this.bytes} bytes of spans wait to be stored already`, {
        retryAfterMs: 1000,
      });
    }
    const parts = this.partsOf(batches).map((part) => this.enqueue(part, signal));
    this.highWaterBytes = Math.max(this.highWaterBytes, this.bytes);
    const outcomes: WriteOutcome[] = [];
    let failure: { readonly reason: unknown } | undefined;
    for (const settled of await Promise.allSettled(parts)) {
      if (settled.status === 'fulfilled') outcomes.push(settled.value);
      else failure ??= settled;
    }
    if (failure !== undefined) throw failure.reason;
    return {
      accepted: outcomes.reduce((sum, { accepted }) => sum + accepted, 0),
      rejected: outcomes.flatMap(({ rejected }) => rejected),
    };
  }

  /** Takes no more; resolves when everything taken is answered. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.startFlush();
    while (this.flushes.size > 0) await Promise.all(this.flushes);
    clearTimeout(this.timer);
  }

  private partsOf(batches: readonly SpanBatch[]): SpanBatch[][] {
    const parts: SpanBatch[][] = [];
    let [spans, bytes] = [0, 0];
    for (const batch of batches) {
      spans += batch.spanCount;
      bytes += batch.bytes.length;
      const part = parts.at(-1);
      if (part !== undefined && spans <= this.options.maxFlushSpans && bytes <= MAX_FLUSH_BYTES) part.push(batch);
      else {
        parts.push([batch]);
        [spans, bytes] = [batch.spanCount, batch.bytes.length];
      }
    }
    return parts;
  }

  private async enqueue(batches: readonly SpanBatch[], signal: AbortSignal): Promise<WriteOutcome> {
    const bytes = bytesOf(batches);
    const spanCount = batches.reduce((sum, batch) => sum + batch.spanCount, 0);
    this.bytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<WriteOutcome>();
    const write = { batches, bytes, spanCount, arrivedMs: performance.now(), resolve, reject };
    // A write that is being flushed is not called back: what it has stored stays stored.
    const giveUp = () => {
      const at = this.waiting.indexOf(write);
      if (at >= 0) this.release(this.waiting.splice(at, 1));
      reject(gaveUp());
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.waiting.push(write);
    // Calls of the same turn go together.
    queueMicrotask(() => this.startFlush());
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  private startFlush(): void {
    const [oldest] = this.waiting;
    if (oldest === undefined || this.flushes.size >= FLUSHES_AT_ONCE) return;
    const lingerMs = this.isClosed ? 0 : oldest.arrivedMs + this.options.lingerMs - performance.now();
    clearTimeout(this.timer);
    if (lingerMs > 0 && !this.fillsFlush()) {
      this.timer = setTimeout(() => this.startFlush(), Math.ceil(lingerMs));
      return;
    }
    const writes = this.nextWrites();
    const flush = this.options.flush(writes).finally(() => {
      this.release(writes);
      this.flushes.delete(flush);
      this.startFlush();
    });
    this.flushes.add(flush);
  }

  private fillsFlush(): boolean {
    let [spans, size] = [0, 0];
    for (const { spanCount, bytes } of this.waiting) {
      spans += spanCount;
      size += bytes;
    }
    return spans >= this.options.maxFlushSpans || size >= MAX_FLUSH_BYTES;
  }

  private nextWrites(): QueuedWrite[] {
    let [spans, size, count] = [0, 0, 0];
    for (const { spanCount, bytes } of this.waiting) {
      spans += spanCount;
      size += bytes;
      if (count > 0 && (spans > this.options.maxFlushSpans || size > MAX_FLUSH_BYTES)) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private release(writes: readonly QueuedWrite[]): void {
    for (const { bytes } of writes) this.bytes -= bytes;
  }
}

function bytesOf(batches: readonly SpanBatch[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function gaveUp(): SpoorError {
  return new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the caller gave up before the spans were stored');
}
