import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomNumbers } from '../fixtures/random-numbers.ts';
import type { OwnKafka, Pipeline } from '../harness/index.ts';

export interface World {
  readonly kafka: OwnKafka;
  readonly pipeline: Pipeline;
}

/** What may befall a pipeline. */
const DISASTERS = [
  'a collector is killed',
  'an ingester is killed',
  'the broker is killed',
  'an ingester is added',
  'an ingester is removed',
  'a partition is added',
] as const;
type Disaster = (typeof DISASTERS)[number];

export interface Bound {
  /** How often each disaster happens. */
  readonly rounds: number;
  /** Between two steps. */
  readonly maxPauseMs: number;
}

/** At most this many things are down at once. */
const MAX_DOWN = 3;
const NOBODY_STORES = 'there is no ingester left';

/**
 * Lets every disaster happen, with their order, the pauses and the repairs between them as the random numbers have it, and repairs
 * everything at the end. Resolves with what was done, in order.
 */
export async function letDisastersHappen(
  { kafka, pipeline }: World,
  random: RandomNumbers,
  { rounds, maxPauseMs }: Bound,
): Promise<string[]> {
  const story: string[] = [];
  const beganMs = performance.now();
  const tell = (what: string) => story.push(`${Math.round((performance.now() - beganMs) / 1000)} s: ${what}`);
  /** What is down, and how it comes back. */
  const down = new Map<object, () => Promise<void>>();
  const isUp = (one: object) => !down.has(one);
  const pause = () => sleep(random.below(maxPauseMs));

  async function repair(one: object): Promise<void> {
    const comeBack = down.get(one);
    if (comeBack === undefined) return;
    // A process is ready only when the broker answers it.
    if (one !== kafka) await repair(kafka);
    await comeBack();
    down.delete(one);
  }

  const happen: Record<Disaster, () => Promise<string>> = {
    async 'a collector is killed'() {
      const victim = random.pick(pipeline.collectors);
      if (!isUp(victim)) return 'a collector that is down stays down';
      await victim.kill9();
      down.set(victim, () => victim.restart({ samePorts: true }));
      return `collector ${pipeline.collectors.indexOf(victim)} is killed`;
    },
    async 'an ingester is killed'() {
      if (pipeline.ingesters.length === 0) return NOBODY_STORES;
      const victim = random.pick(pipeline.ingesters);
      if (!isUp(victim)) return 'an ingester that is down stays down';
      await victim.kill9();
      down.set(victim, () => victim.restart());
      return `ingester ${pipeline.ingesters.indexOf(victim)} is killed`;
    },
    async 'the broker is killed'() {
      await kafka.kill();
      down.set(kafka, () => kafka.revive());
      await pause();
      return 'the broker is killed';
    },
    async 'an ingester is added'() {
      await repair(kafka);
      await pipeline.addIngester();
      return 'an ingester is added';
    },
    async 'an ingester is removed'() {
      if (pipeline.ingesters.length === 0) return NOBODY_STORES;
      const victim = random.pick(pipeline.ingesters);
      down.delete(victim);
      const code = await pipeline.removeIngester(victim);
      return `an ingester is removed${code === 0 ? '' : ', which was down'}`;
    },
    async 'a partition is added'() {
      await repair(kafka);
      const count = await pipeline.addPartition();
      return `there are ${count} partitions`;
    },
  };

  const order = shuffled(Array.from({ length: rounds }, () => DISASTERS).flat(), random);
  for (const disaster of order) {
    await pause();
    tell(await happen[disaster]());
    while (down.size > MAX_DOWN || (down.size > 0 && random.below(2) === 0)) {
      await pause();
      await repair(random.pick([...down.keys()]));
      tell('something is repaired');
    }
  }
  for (const one of [...down.keys()]) await repair(one);
  tell('everything is repaired');
  return story;
}

function shuffled<T>(items: readonly T[], random: RandomNumbers): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}
