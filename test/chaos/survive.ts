import { createFatedRequests } from '../fixtures/fated-requests.ts';
import { randomNumbers } from '../fixtures/random-numbers.ts';
import { type Account, accountFor } from '../harness/account.ts';
import { type Load, startLoad } from '../harness/load.ts';
import type { SharedStore } from '../harness/shared-store.ts';
import { waitFor } from '../harness/wait-for.ts';
import { type Bound, letDisastersHappen, type World } from './disasters.ts';

/** Collectors take what a store will not, so that there are dead letters; what died is missed soon, and nobody waits for long. */
export const KAFKA_SETTINGS = {
  SPOOR_KAFKA_SESSION_TIMEOUT: '6s',
  SPOOR_KAFKA_METADATA_REFRESH: '1s',
  SPOOR_SHUTDOWN_GRACE_PERIOD: '5s',
};
export const COLLECTOR_SETTINGS = { SPOOR_COLLECTOR_MAX_FUTURE: '10d', SPOOR_KAFKA_MAX_WAIT: '2s' };

export const SETTLED_DEADLINE_MS = 120_000;

export interface Settled extends Account {
  /** Spans in the log, and calls in the metrics, of all that was ever sent through the pipeline. */
  readonly logged: number;
  readonly counted: number;
}

export interface Survival extends Settled {
  readonly seed: number;
  /** Attempts of senders that were not acknowledged. */
  readonly retries: number;
  readonly story: readonly string[];
}

/**
 * Load over all collectors and both transports while one disaster follows the other. Resolves with the account of all that was
 * acknowledged, once nothing is missing any more, or when it has been waited for in vain.
 */
export async function survive(
  seed: number,
  bound: Bound,
  world: World & { readonly store: SharedStore },
): Promise<Survival> {
  const { pipeline, store } = world;
  const load = startLoad({
    receivers: pipeline.collectors.map(({ addresses }) => addresses),
    next: createFatedRequests(seed, { withUnstorable: store.refusesFuture }),
  });
  await load.takes(20);
  const story = await letDisastersHappen(world, randomNumbers(seed), bound);
  await load.finish();
  return { seed, retries: load.retries(), story, ...(await settled(load, world)) };
}

/** The account of a load that is finished, once nothing of it is missing any more, or when it has been waited for in vain. */
export async function settled(
  load: Load,
  { pipeline, store }: Pick<World, 'pipeline'> & { readonly store: SharedStore },
): Promise<Settled> {
  const account = async () => accountFor(load.acknowledged, await store.storedSpans(), await pipeline.deadLetters());
  await waitFor(async () => (await account()).missing.length === 0, {
    describe: 'every acknowledged span in the store or in the dead letters',
    deadlineMs: SETTLED_DEADLINE_MS,
    intervalMs: 500,
  }).catch(() => undefined);
  // What was delivered again is stored again by now, if it ever is.
  await waitFor(async () => (await pipeline.ingested('spoor_ingester_lag_records')) === 0, {
    describe: 'ingesters that have caught up',
    deadlineMs: SETTLED_DEADLINE_MS,
  });
  const [logged, counted] = await Promise.all([pipeline.loggedSpans(), store.countedCalls()]);
  return { ...(await account()), logged: logged.counted, counted };
}
