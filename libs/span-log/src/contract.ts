import type { Rejection } from '@spoor/model';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type {
  DeadLetter,
  PartitionedBatch,
  SpanLog,
  SpanLogConsumer,
  SpanLogHandler,
  SpanLogRecord,
} from './span-log.ts';

/** Opens an empty log with at least two partitions, which no other test uses. Bounds are the log's own. */
export type OpenSpanLog = () => Promise<SpanLog>;

const NEVER = new AbortController().signal;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function batch(partition: number, content: string, spanCount = 1): PartitionedBatch {
  return { tenant: 'default', encoding: 'otlp_proto', partition, spanCount, bytes: encoder.encode(content) };
}

function contentOf(record: SpanLogRecord): string {
  return decoder.decode(record.bytes);
}

/** A log may acknowledge before the handler has finished (Kafka): what handlers saw is waited for, never slept for. */
const SEEN = { timeout: 30_000, interval: 10 };

/** What every log must do, whoever implements it. The log carries bytes and does not look into them. */
export function describeSpanLog(name: string, open: OpenSpanLog): void {
  describe(`span log: ${name}`, () => {
    const stops: (() => Promise<void>)[] = [];

    async function openLog(): Promise<SpanLog> {
      const log = await open();
      await log.start();
      stops.push(() => log.stop(NEVER));
      return log;
    }

    async function consume(log: SpanLog, handler: SpanLogHandler): Promise<SpanLogConsumer> {
      const consumer = log.consumer('contract', handler);
      await consumer.start();
      stops.push(() => consumer.stop(NEVER));
      return consumer;
    }

    async function stopAll(): Promise<void> {
      for (const stop of stops.splice(0).reverse()) await stop();
    }

    afterEach(stopAll);

    test('records of one partition arrive in the order in which they were appended, with growing offsets', async () => {
      const log = await openLog();
      const seen: SpanLogRecord[] = [];
      await consume(log, async (records) => {
        seen.push(...records);
        return [];
      });
      const contents = Array.from({ length: 50 }, (_, i) => `record ${i}`);
      await Promise.all(contents.map((content) => log.producer().append([batch(1, content)], { signal: NEVER })));
      await expect.poll(() => seen.map(contentOf), SEEN).toEqual(contents);
      for (let i = 1; i < seen.length; i += 1) expect(seen[i]?.offset).toBeGreaterThan(seen[i - 1]?.offset ?? 0n);
    });

    test('a record keeps its tenant, encoding, span count, partition and bytes', async () => {
      const log = await openLog();
      const seen: SpanLogRecord[] = [];
      await consume(log, async (records) => {
        seen.push(...records);
        return [];
      });
      const sent: PartitionedBatch = { ...batch(1, 'content', 7), tenant: 'acme' };
      await log.producer().append([sent], { signal: NEVER });
      await expect.poll(() => seen, SEEN).toHaveLength(1);
      expect(seen[0]).toMatchObject({ tenant: 'acme', encoding: 'otlp_proto', spanCount: 7, partition: 1 });
      expect(contentOf(seen[0]!)).toBe('content');
    });

    test('one partition is never handled twice at a time, several are', async () => {
      const log = await openLog();
      const active = new Set<number>();
      let overlapped = false;
      let handled = 0;
      const { promise: bothActive, resolve } = Promise.withResolvers<void>();
      await consume(log, async (records) => {
        const partition = records[0]?.partition ?? -1;
        if (active.has(partition)) overlapped = true;
        active.add(partition);
        if (active.size === 2) resolve();
        await bothActive;
        active.delete(partition);
        handled += records.length;
        return [];
      });
      const append = (partition: number) => log.producer().append([batch(partition, 'x')], { signal: NEVER });
      await Promise.all([append(0), append(1), append(0), append(1)]);
      await expect.poll(() => handled, SEEN).toBe(4);
      expect(overlapped).toBe(false);
    });

    test('a handler that fails gets the same records again, before any later one', async () => {
      const log = await openLog();
      let failures = 3;
      const stored: string[] = [];
      await consume(log, async (records) => {
        if (failures > 0) {
          failures -= 1;
          throw new Error('the store is away');
        }
        stored.push(...records.map(contentOf));
        return [];
      });
      await Promise.all(
        ['a', 'b', 'c'].map((content) => log.producer().append([batch(0, content)], { signal: NEVER })),
      );
      await expect.poll(() => stored, SEEN).toEqual(['a', 'b', 'c']);
      expect(failures).toBe(0);
    });

    test('appends wait for a consumer that comes later', async () => {
      const log = await openLog();
      const appended = log.producer().append([batch(0, 'early')], { signal: NEVER });
      const seen: string[] = [];
      await consume(log, async (records) => {
        seen.push(...records.map(contentOf));
        return [];
      });
      await appended;
      await expect.poll(() => seen, SEEN).toEqual(['early']);
    });

    test('stop() of the consumer finishes what is being handled; nothing is lost and nothing comes twice', async () => {
      const log = await openLog();
      const stored: string[] = [];
      const handler: SpanLogHandler = async (records) => {
        stored.push(...records.map(contentOf));
        return [];
      };
      const consumer = await consume(log, handler);
      const appends = ['a', 'b', 'c'].map((content) => log.producer().append([batch(0, content)], { signal: NEVER }));
      await consumer.stop(NEVER);
      await Promise.all(appends);
      await consumer.stop(NEVER);
      // A log that is durable by itself may leave the rest to the group's next member.
      await consume(log, handler);
      await log.producer().append([batch(0, 'd')], { signal: NEVER });
      await expect.poll(() => stored, SEEN).toEqual(['a', 'b', 'c', 'd']);
    });

    test('a stopped log refuses with SPOOR_SHUTTING_DOWN', async () => {
      const log = await openLog();
      await log.stop(NEVER);
      await expect(log.producer().append([batch(0, 'late')], { signal: NEVER })).rejects.toMatchObject({
        code: 'SPOOR_SHUTTING_DOWN',
      });
    });

    test('conservation: whatever fails, each appended span is stored or set aside, and never both', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 30 }), async (fates) => {
          const log = await openLog();
          const stored = new Set<string>();
          const setAside = new Set<string>();
          const failedOnce = new Set<string>();
          await consume(log, async (records) => {
            const deadLetters: DeadLetter[] = [];
            for (const record of records) {
              const content = contentOf(record);
              const fate = fates[Number(content)];
              if (fate === 1 && !failedOnce.has(content)) {
                failedOnce.add(content);
                throw new Error('this record fails the first time');
              }
              if (fate === 2) deadLetters.push({ record, reason: 'malformed', message: 'as told', spanCount: 2 });
            }
            for (const record of records) {
              const isDead = deadLetters.some((letter) => letter.record === record);
              (isDead ? setAside : stored).add(contentOf(record));
            }
            return deadLetters;
          });
          const outcomes = await Promise.all(
            fates.map((_, i) => log.producer().append([batch(i % 2, String(i), 2)], { signal: NEVER })),
          );
          await expect.poll(() => stored.size + setAside.size, SEEN).toBe(fates.length);
          expect(stored.isDisjointFrom(setAside)).toBe(true);
          expectRejectionsOnlyFor(setAside, outcomes);
          await stopAll();
        }),
        { seed: 20_26, numRuns: 10 },
      );
    });
  });
}

/** A log may tell the appender of dead letters (in process) or place them elsewhere (Kafka); it must not invent any. */
function expectRejectionsOnlyFor(setAside: ReadonlySet<string>, outcomes: readonly (readonly Rejection[])[]): void {
  for (const [i, rejections] of outcomes.entries()) {
    if (rejections.length > 0) expect(setAside.has(String(i))).toBe(true);
  }
}
