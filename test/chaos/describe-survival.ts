import type { KafkaClientName } from '@spoor/span-log';
import { expect, test } from 'vitest';
import { describePipeline } from '../harness/describe-pipeline.ts';
import { onElasticsearch, startOwnKafka } from '../harness/index.ts';
import { faultOf, outlast } from './outlast.ts';
import { COLLECTOR_SETTINGS, KAFKA_SETTINGS, type Settled, survive } from './survive.ts';

export interface SurvivalSuite {
  readonly client: KafkaClientName;
  /** `npm run chaos` takes more of them, and longer. */
  readonly seeds: readonly number[];
  /** How long the broker is away while everybody else lives; without it, it is not. */
  readonly outageMs?: number;
}

const BOUND = { rounds: 1, maxPauseMs: 500 };
/** Disasters, a start of Kafka among them, until all that was taken is stored: minutes where the cores have much else to do. */
const SEED_DEADLINE_MS = 480_000;

/** received = stored + rejected + dead-lettered through whatever befalls a pipeline whose processes use that client of Kafka. */
export async function describeSurvival({ client, seeds, outageMs }: SurvivalSuite): Promise<void> {
  await describePipeline(
    `two collectors, Kafka with 12 partitions, two ingesters and a query process, with ${client}`,
    {
      startKafka: startOwnKafka,
      openStore: onElasticsearch,
      kafkaEnv: { ...KAFKA_SETTINGS, SPOOR_KAFKA_CLIENT: client },
      collectorEnv: COLLECTOR_SETTINGS,
    },
    (world) => {
      test.each(seeds)(
        'whatever is killed, added and removed, in the order %i: received = stored + rejected + dead-lettered, and each span of the log is counted once',
        async (seed) => {
          expectEven(await survive(seed, BOUND, world()));
        },
        SEED_DEADLINE_MS,
      );

      if (outageMs === undefined) return;
      test(
        'a broker that is away: senders are turned away and send again, the account is the same, and counters repeat but never miss',
        async () => {
          const outlasted = await outlast(seeds[0] ?? 0, outageMs, world());
          expect(outlasted.turnedAway).toBeGreaterThan(0);
          expectEven(outlasted);
          expect(faultOf(outlasted, outlasted.counters)).toBeUndefined();
        },
        SEED_DEADLINE_MS,
      );
    },
  );
}

function expectEven(account: Settled & { readonly story: readonly string[] }): void {
  const { missing, duplicated, unexpected, ...counts } = account;
  const story = account.story.join('; ');
  expect({ missing, duplicated, unexpected }, story).toEqual({ missing: [], duplicated: [], unexpected: [] });
  expect(counts.received).toBe(counts.stored + counts.rejected + counts.deadLettered);
  // Whoever counted, and was killed, and counted again; what was sent again may be in the log twice, and counts twice.
  expect(counts.counted, story).toBe(counts.logged);
  expect(counts.logged).toBeGreaterThanOrEqual(counts.stored);
  for (const count of [counts.stored, counts.rejected, counts.deadLettered]) expect(count).toBeGreaterThan(0);
}
