import { expect, test } from 'vitest';
import { describePipeline } from '../harness/describe-pipeline.ts';
import { onElasticsearch, startOwnKafka } from '../harness/index.ts';
import { COLLECTOR_SETTINGS, KAFKA_SETTINGS, survive } from './survive.ts';

/** `npm run chaos` takes more of them, and longer. */
const SEEDS = [1, 2];
const BOUND = { rounds: 1, maxPauseMs: 500 };
/** Disasters, a start of Kafka among them, until all that was taken is stored. */
const SEED_DEADLINE_MS = 240_000;

await describePipeline(
  'two collectors, Kafka with 12 partitions, two ingesters and a query process',
  { startKafka: startOwnKafka, openStore: onElasticsearch, kafkaEnv: KAFKA_SETTINGS, collectorEnv: COLLECTOR_SETTINGS },
  (world) => {
    test.each(SEEDS)(
      'whatever is killed, added and removed, in the order %i: received = stored + rejected + dead-lettered, and each span of the log is counted once',
      async (seed) => {
        const { missing, duplicated, unexpected, story, ...counts } = await survive(seed, BOUND, world());
        expect({ missing, duplicated, unexpected }, story.join('; ')).toEqual({
          missing: [],
          duplicated: [],
          unexpected: [],
        });
        expect(counts.received).toBe(counts.stored + counts.rejected + counts.deadLettered);
        // Whoever counted, and was killed, and counted again; what was sent again may be in the log twice, and counts twice.
        expect(counts.counted, story.join('; ')).toBe(counts.logged);
        expect(counts.logged).toBeGreaterThanOrEqual(counts.stored);
        for (const count of [counts.stored, counts.rejected, counts.deadLettered]) expect(count).toBeGreaterThan(0);
      },
      SEED_DEADLINE_MS,
    );
  },
);
