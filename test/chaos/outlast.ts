import { setTimeout as sleep } from 'node:timers/promises';
import { createFatedRequests } from '../fixtures/fated-requests.ts';
import type { Pipeline } from '../harness/index.ts';
import { startLoad } from '../harness/load.ts';
import type { SharedStore } from '../harness/shared-store.ts';
import { waitFor } from '../harness/wait-for.ts';
import type { World } from './disasters.ts';
import { SETTLED_DEADLINE_MS, type Settled, settled } from './survive.ts';

/** What the processes counted, and what the log holds, of one load. */
export interface Counters {
  readonly received: number;
  readonly discarded: number;
  readonly produced: number;
  /** Spans in the log, as often as they lie there. */
  readonly inLog: number;
  readonly stored: number;
  readonly deadLettered: number;
}

export interface Outlasted extends Settled {
  readonly seed: number;
  readonly retries: number;
  /** Attempts of senders that were turned away while the broker was away. */
  readonly turnedAway: number;
  readonly counters: Counters;
  readonly story: readonly string[];
}

/** So that no other load of these seeds has the same traces. */
const OTHER_SEEDS = 500_000;

/**
 * Load over all collectors and both transports while the broker is away for that long; everybody else lives. Senders that are
 * turned away send the same again. The pipeline must be idle and whole. Resolves with the account of all that was acknowledged,
 * and with what the processes counted meanwhile.
 */
export async function outlast(
  seed: number,
  outageMs: number,
  world: World & { readonly store: SharedStore },
): Promise<Outlasted> {
  const { kafka, pipeline, store } = world;
  const before = await countersOf(pipeline);
  const load = startLoad({
    receivers: pipeline.collectors.map(({ addresses }) => addresses),
    next: createFatedRequests(seed + OTHER_SEEDS, { withUnstorable: store.refusesFuture }),
  });
  const story: string[] = [];
  const beganMs = performance.now();
  const tell = (what: string) => story.push(`${Math.round((performance.now() - beganMs) / 1000)} s: ${what}`);
  await load.takes(100);
  await kafka.kill();
  tell('the broker is killed');
  const retriesBefore = load.retries();
  await sleep(outageMs);
  const turnedAway = load.retries() - retriesBefore;
  await kafka.revive();
  tell('the broker is back');
  await load.takes(100);
  await load.finish();
  tell('all is acknowledged');
  const account = await settled(load, world);
  tell('all is stored or dead-lettered');
  const since = async () => differenceOf(await countersOf(pipeline), before);
  // What was sent again is stored again, and counted again, only after the first of it is found in the store.
  await waitFor(async () => faultOf(account, await since()) === undefined, {
    describe: 'counters that come out',
    deadlineMs: SETTLED_DEADLINE_MS,
    intervalMs: 500,
  }).catch(() => undefined);
  return { seed, retries: load.retries(), turnedAway, ...account, counters: await since(), story };
}

/**
 * Where the counters contradict what holds however often senders and Kafka repeat, as long as no process dies that counts; undefined
 * where they do not. docs/operations.md says why each of the steps may only grow.
 */
export function faultOf(account: Settled, counters: Counters): string | undefined {
  const { received, discarded, produced, inLog, stored, deadLettered } = counters;
  const atMost: readonly (readonly [fewer: number, what: string, more: number, than: string])[] = [
    [account.received, 'were acknowledged', received, 'received'],
    [received - discarded, 'were received and not discarded', produced, 'produced'],
    [produced, 'were produced', inLog, 'in the log'],
    [inLog, 'are in the log', stored + deadLettered, 'stored or dead-lettered'],
    [account.stored, 'are in the store', stored, 'counted as stored'],
    [account.deadLettered, 'are in the dead letters', deadLettered, 'counted as dead-lettered'],
  ];
  const wrong = atMost.find(([fewer, , more]) => fewer > more);
  return wrong === undefined ? undefined : `${wrong[0]} spans ${wrong[1]}, and only ${wrong[2]} ${wrong[3]}`;
}

async function countersOf(pipeline: Pipeline): Promise<Counters> {
  const [received, discarded, produced] = await Promise.all([
    pipeline.collected('spoor_spans_received_total'),
    pipeline.collected('spoor_spans_discarded_total'),
    pipeline.collected('spoor_span_log_produced_spans_total'),
  ]);
  const inLog = (await pipeline.loggedSpans()).all;
  const [stored, deadLettered] = await Promise.all([
    pipeline.ingested('spoor_spans_stored_total'),
    pipeline.ingested('spoor_spans_dead_lettered_total'),
  ]);
  return { received, discarded, produced, inLog, stored, deadLettered };
}

function differenceOf(after: Counters, before: Counters): Counters {
  const entries = Object.entries(after).map(([name, value]) => [name, value - before[name as keyof Counters]]);
  return Object.fromEntries(entries) as unknown as Counters;
}
