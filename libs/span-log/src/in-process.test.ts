import { expect, test } from 'vitest';
import { describeSpanLog } from './contract.ts';
import { createInProcessSpanLog } from './in-process.ts';
import type { PartitionedBatch } from './span-log.ts';

const NEVER = new AbortController().signal;

function batchOf(bytes: number): PartitionedBatch {
  return { tenant: 'default', encoding: 'otlp_proto', partition: 0, spanCount: 1, bytes: new Uint8Array(bytes) };
}

describeSpanLog('in process', async () => createInProcessSpanLog({ partitions: 2 }));

test('past the bound of bytes an append is refused at once, and taken again when there is room', async () => {
  const log = createInProcessSpanLog({ maxBytes: 100 });
  const { promise: storing, resolve: stored } = Promise.withResolvers<void>();
  const consumer = log.consumer('ingester', async () => {
    await storing;
    return [];
  });
  await consumer.start();
  const first = log.producer().append([batchOf(80)], { signal: NEVER });
  await expect(log.producer().append([batchOf(40)], { signal: NEVER })).rejects.toMatchObject({
    code: 'SPOOR_OVERLOADED',
    retryAfterMs: 1000,
  });
  expect(log.use()).toMatchObject({ bytes: 80, items: 1, refusals: 1 });
  stored();
  await first;
  await log.producer().append([batchOf(40)], { signal: NEVER });
  expect(log.use()).toMatchObject({ bytes: 0, items: 0, highWaterBytes: 80 });
  await consumer.stop(NEVER);
});

test('a batch larger than the whole bound is taken when nothing else waits', async () => {
  const log = createInProcessSpanLog({ maxBytes: 10 });
  const consumer = log.consumer('ingester', async () => []);
  await consumer.start();
  await expect(log.producer().append([batchOf(50)], { signal: NEVER })).resolves.toEqual([]);
  await consumer.stop(NEVER);
});

test('while one delivery is being stored the next one gathers, up to its bound', async () => {
  const log = createInProcessSpanLog({ maxDeliveryBytes: 30 });
  const sizes: number[] = [];
  const { promise: storing, resolve: stored } = Promise.withResolvers<void>();
  const consumer = log.consumer('ingester', async (records) => {
    sizes.push(records.length);
    await storing;
    return [];
  });
  await consumer.start();
  const appends = Array.from({ length: 6 }, () => log.producer().append([batchOf(10)], { signal: NEVER }));
  stored();
  await Promise.all(appends);
  expect(sizes).toEqual([1, 3, 2]);
  await consumer.stop(NEVER);
});

test('dead letters come back to the sender of the record', async () => {
  const log = createInProcessSpanLog();
  const consumer = log.consumer('ingester', async (records) =>
    records
      .filter((record) => record.bytes.length === 2)
      .map((record) => ({ record, reason: 'malformed' as const, message: 'two bytes are none', spanCount: 1 })),
  );
  await consumer.start();
  const outcomes = await Promise.all(
    [1, 2, 3].map((bytes) => log.producer().append([batchOf(bytes)], { signal: NEVER })),
  );
  expect(outcomes).toEqual([[], [{ reason: 'malformed', message: 'two bytes are none', spanCount: 1 }], []]);
  await consumer.stop(NEVER);
});

test('a sender that gives up is answered at once; the others keep their order', async () => {
  const log = createInProcessSpanLog();
  const { promise: storing, resolve: stored } = Promise.withResolvers<void>();
  const seen: number[] = [];
  const consumer = log.consumer('ingester', async (records) => {
    await storing;
    seen.push(...records.map((record) => record.bytes.length));
    return [];
  });
  await consumer.start();
  const impatient = new AbortController();
  const appends = [1, 2, 3].map((bytes) =>
    log.producer().append([batchOf(bytes)], { signal: bytes === 2 ? impatient.signal : NEVER }),
  );
  impatient.abort();
  await expect(appends[1]).rejects.toMatchObject({ code: 'SPOOR_DEADLINE_EXCEEDED' });
  stored();
  await Promise.all([appends[0], appends[2]]);
  expect(seen).toEqual([1, 2, 3]);
  await consumer.stop(NEVER);
});

test('what a stop could not store is refused, never forgotten', async () => {
  const log = createInProcessSpanLog();
  const consumer = log.consumer('ingester', async () => {
    throw new Error('the store is away');
  });
  await consumer.start();
  const append = log.producer().append([batchOf(1)], { signal: NEVER });
  const refused = expect(append).rejects.toMatchObject({ code: 'SPOOR_SHUTTING_DOWN' });
  await consumer.stop(AbortSignal.abort());
  await log.stop(NEVER);
  await refused;
});
