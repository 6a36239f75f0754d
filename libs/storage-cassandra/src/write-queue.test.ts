import type { SpanBatch } from '@spoor/model';
import { describe, expect, test } from 'vitest';
import type { QueuedWrite } from './write-queue.ts';
import { WriteQueue } from './write-queue.ts';

const { signal } = new AbortController();
const batch = (spanCount: number): SpanBatch => ({
  tenant: 'default',
  encoding: 'otlp_proto',
  spanCount,
  bytes: new Uint8Array(spanCount * 10),
});

function queueOf(options: { maxBytes?: number; lingerMs?: number; maxFlushSpans?: number } = {}) {
  const flushed: number[][] = [];
  const running: (() => void)[] = [];
  const queue = new WriteQueue({
    maxBytes: 1_000,
    lingerMs: 0,
    maxFlushSpans: 10,
    ...options,
    flush: async (writes: readonly QueuedWrite[]) => {
      flushed.push(writes.map(({ spanCount }) => spanCount));
      await new Promise<void>((resolve) => running.push(resolve));
      for (const { spanCount, resolve } of writes) resolve({ accepted: spanCount, rejected: [] });
    },
  });
  const write = (spans: number, aborted = signal) => queue.write([batch(spans)], aborted);
  const endFlush = () => running.shift()?.();
  return { queue, write, flushed, running, endFlush };
}

describe('the queue of writes', () => {
  test('flushes what comes together together, at most so many spans, two flushes at once', async () => {
    const { write, flushed, endFlush, queue } = queueOf();
    const writes = [4, 4, 4, 20, 1].map((spans) => write(spans));
    await expect.poll(() => flushed).toEqual([[4, 4], [4]]);
    endFlush();
    await expect.poll(() => flushed).toEqual([[4, 4], [4], [20]]);
    endFlush();
    await expect.poll(() => flushed).toEqual([[4, 4], [4], [20], [1]]);
    endFlush();
    endFlush();
    expect((await Promise.all(writes)).map(({ accepted }) => accepted)).toEqual([4, 4, 4, 20, 1]);
    expect(queue.bytes).toBe(0);
    expect(queue.highWaterBytes).toBe(330);
  });

  test('lets writes wait for one another, until there are enough, or it is closed', async () => {
    const { write, flushed, endFlush, queue } = queueOf({ lingerMs: 3_600_000 });
    const first = [write(4), write(4)];
    await Promise.resolve();
    expect(flushed).toEqual([]);
    const third = write(4);
    await expect.poll(() => flushed).toEqual([[4, 4]]);
    endFlush();
    await Promise.all(first);
    expect(flushed).toHaveLength(1);
    const closed = queue.close();
    await expect.poll(() => flushed).toEqual([[4, 4], [4]]);
    endFlush();
    await Promise.all([closed, third]);
    await expect(write(1)).rejects.toMatchObject({ code: 'SPOOR_SHUTTING_DOWN' });
  });

  test('parts a call that is too much for one flush, and answers it as one', async () => {
    const { queue, flushed, running, endFlush } = queueOf();
    const large = { ...batch(1), bytes: new Uint8Array(5 * 1024 * 1024) };
    const outcome = queue.write([batch(4), batch(6), batch(1), large, batch(2), batch(12)], signal);
    await expect.poll(() => flushed).toEqual([[10], [1]]);
    for (let ended = 0; ended < 5; ended += 1) {
      await expect.poll(() => running.length).toBeGreaterThan(0);
      endFlush();
    }
    expect(await outcome).toEqual({ accepted: 26, rejected: [] });
    expect(flushed).toEqual([[10], [1], [1], [2], [12]]);
    expect(queue.bytes).toBe(0);
  });

  test('fails a call as a whole when one part of it fails, once all parts are over', async () => {
    const errors = [undefined, new Error('no'), undefined];
    const queue = new WriteQueue({
      maxBytes: 1_000,
      lingerMs: 0,
      maxFlushSpans: 10,
      async flush(writes) {
        const error = errors.shift();
        for (const { spanCount, resolve, reject } of writes)
          if (error === undefined) resolve({ accepted: spanCount, rejected: [] });
          else reject(error);
      },
    });
    await expect(queue.write([batch(10), batch(10), batch(10)], signal)).rejects.toThrow('no');
    expect([errors.length, queue.bytes]).toEqual([0, 0]);
  });

  test('refuses more bytes than it may hold, but never a single write', async () => {
    const { write, endFlush, queue } = queueOf({ maxBytes: 100 });
    const large = write(50);
    await expect(write(1)).rejects.toMatchObject({ code: 'SPOOR_OVERLOADED', retryAfterMs: 1000 });
    await expect.poll(() => queue.bytes).toBe(500);
    endFlush();
    await large;
    expect(queue.bytes).toBe(0);
  });

  test('forgets a write that is given up while it waits', async () => {
    const { write, flushed, queue } = queueOf({ lingerMs: 3_600_000 });
    const patience = new AbortController();
    const outcome = write(4, patience.signal);
    patience.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'SPOOR_DEADLINE_EXCEEDED' });
    expect(queue.bytes).toBe(0);
    await queue.close();
    expect(flushed).toEqual([]);
  });
});
