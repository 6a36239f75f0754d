import { SpoorError } from '@spoor/model';
import { createInProcessSpanLog, type PartitionedBatch } from '@spoor/span-log';
import type { SpanWriter } from '@spoor/storage';
import fc from 'fast-check';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { ingesterConfig } from './config.ts';
import { createIngester } from './ingester.ts';

const NEVER = new AbortController().signal;
const SPANS_PER_BATCH = 3;

/** What a writer does with a batch, by the first byte of the batch. */
type Fate = 'store' | 'away once' | 'reject one span' | 'cannot decode';
const FATES: readonly Fate[] = ['store', 'away once', 'reject one span', 'cannot decode'];

function batch(fate: Fate, id: number): PartitionedBatch {
  const bytes = Uint8Array.of(FATES.indexOf(fate), id);
  return { tenant: 'default', encoding: 'otlp_proto', partition: id % 2, spanCount: SPANS_PER_BATCH, bytes };
}

/** Keeps ids as a store keeps spans: the same one twice is stored once. */
function faultyWriter() {
  const stored = new Set<number>();
  const wasAway = new Set<number>();
  const writer: SpanWriter = {
    async write(batches) {
      let rejectedSpans = 0;
      for (const { bytes } of batches) {
        const [fate = 0, id = 0] = bytes;
        if (FATES[fate] === 'cannot decode') throw new SpoorError('SPOOR_MALFORMED_SPANS', 'field 7 is cut off');
        if (FATES[fate] === 'away once' && !wasAway.has(id)) {
          wasAway.add(id);
          throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the disk is full');
        }
      }
      for (const { bytes } of batches) {
        const [fate = 0, id = 0] = bytes;
        if (FATES[fate] === 'reject one span') rejectedSpans += 1;
        stored.add(id);
      }
      const accepted = batches.length * SPANS_PER_BATCH - rejectedSpans;
      const rejection = { reason: 'invalid_utf8', message: 'name is not UTF-8', spanCount: rejectedSpans } as const;
      return { accepted, rejected: rejectedSpans === 0 ? [] : [rejection] };
    },
  };
  return { writer, stored };
}

async function open(writer: SpanWriter, wait: (ms: number, signal: AbortSignal) => Promise<void> = async () => {}) {
  const metrics = new Registry();
  const log = createInProcessSpanLog({ partitions: 2 }, { metrics });
  const logger = pino({ level: 'silent' });
  const config = ingesterConfig.parse(undefined);
  const ingester = createIngester(config, { log, writer, logger, metrics, wait, random: () => 0.5 });
  await log.start();
  await ingester.start();
  const count = async (name: string) => {
    const metric = await metrics.getSingleMetric(name)?.get();
    return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
  };
  const append = (...batches: PartitionedBatch[]) => log.producer().append(batches, { signal: NEVER });
  async function stop(signal: AbortSignal) {
    await ingester.stop(signal);
    await log.stop(signal);
  }
  return { log, ingester, count, append, stop };
}

test('conservation: received = stored + dead-lettered, whatever the storage does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...FATES), { minLength: 1, maxLength: 40 }), async (fates) => {
      const { writer, stored } = faultyWriter();
      const { append, count, stop } = await open(writer);
      const outcomes = await Promise.all(fates.map((fate, id) => append(batch(fate, id))));
      await stop(NEVER);

      const storedSpans = await count('spoor_spans_stored_total');
      const deadSpans = await count('spoor_spans_dead_lettered_total');
      expect(storedSpans + deadSpans).toBe(fates.length * SPANS_PER_BATCH);
      const toldToSenders = outcomes.flat().reduce((sum, { spanCount }) => sum + spanCount, 0);
      expect(toldToSenders).toBe(deadSpans);
      const storable = [...fates.keys()].filter((id) => fates[id] !== 'cannot decode');
      expect([...stored].sort((a, b) => a - b)).toEqual(storable);
      const rejectedOf: Record<Fate, number> = {
        store: 0,
        'away once': 0,
        'reject one span': 1,
        'cannot decode': SPANS_PER_BATCH,
      };
      for (const [id, fate] of fates.entries()) {
        expect(outcomes[id]?.reduce((sum, { spanCount }) => sum + spanCount, 0)).toBe(rejectedOf[fate]);
      }
    }),
    { seed: 20_26, numRuns: 25 },
  );
});

test('poison does not hold up its neighbours, and says what it is', async () => {
  const { writer } = faultyWriter();
  const { append, stop } = await open(writer);
  const [before, poison, after] = await Promise.all([
    append(batch('store', 0)),
    append(batch('cannot decode', 2)),
    append(batch('store', 4)),
  ]);
  expect([before, after]).toEqual([[], []]);
  expect(poison).toEqual([{ reason: 'malformed', message: 'field 7 is cut off', spanCount: SPANS_PER_BATCH }]);
  await stop(NEVER);
});

test('while the storage is away, waits grow up to their bound and readiness tells why', async () => {
  let isAway = true;
  const waits: number[] = [];
  const reasons: (string | undefined)[] = [];
  const writer: SpanWriter = {
    async write(batches) {
      if (isAway) throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the disk is full');
      return { accepted: batches.length * SPANS_PER_BATCH, rejected: [] };
    },
  };
  const opened = await open(writer, async (ms) => {
    waits.push(ms);
    reasons.push(opened.ingester.readiness().reason);
    if (waits.length === 9) isAway = false;
  });
  expect(opened.ingester.readiness()).toEqual({ ready: true });
  await opened.append(batch('store', 0));
  expect(waits).toEqual([75, 150, 300, 600, 1200, 2400, 4800, 7500, 7500]);
  expect(new Set(reasons)).toEqual(new Set(['the disk is full']));
  expect(opened.ingester.readiness()).toEqual({ ready: true });
  expect(await opened.count('spoor_ingester_retries_total')).toBe(9);
  await opened.stop(NEVER);
});

test('a stop while the storage is away ends, and the sender learns that nothing was stored', async () => {
  const tried = Promise.withResolvers<void>();
  const writer: SpanWriter = {
    async write() {
      tried.resolve();
      throw new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'the disk is full');
    },
  };
  // Nothing but the signal ends the wait.
  const { append, stop, count } = await open(
    writer,
    (_ms, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  );
  const refused = expect(append(batch('store', 0))).rejects.toMatchObject({ code: 'SPOOR_SHUTTING_DOWN' });
  await tried.promise;
  await stop(AbortSignal.abort());
  await refused;
  expect(await count('spoor_spans_stored_total')).toBe(0);
});
