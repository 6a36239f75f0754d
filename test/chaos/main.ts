/**
 * `npm run chaos`: what pipeline.test.ts does, over `--seeds=10` seeds from `--first=1` on, each disaster `--rounds=2` times, on
 * `--store=elasticsearch` or `cassandra`, with `--client=platformatic` or `kafkajs`; with `--outage=3m` the broker is also away for that long, once for each seed. Prints a
 * line of JSON for each seed, and one for its outage; ends with 1 when an account did not come out even.
 */
import { surroundings } from '../bench/bench.ts';
import {
  type OpenSharedStore,
  type Outside,
  onCassandra,
  onElasticsearch,
  startOwnKafka,
  startPipeline,
} from '../harness/index.ts';
import { faultOf, outlast } from './outlast.ts';
import { COLLECTOR_SETTINGS, KAFKA_SETTINGS, type Settled, survive } from './survive.ts';

const STORES: Readonly<Record<string, OpenSharedStore>> = { elasticsearch: onElasticsearch, cassandra: onCassandra };

const option = (name: string): string | undefined =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const first = Number(option('first') ?? 1);
const seeds = Number(option('seeds') ?? 10);
const bound = { rounds: Number(option('rounds') ?? 2), maxPauseMs: 1_500 };
const outage = option('outage');
const outageMs = outage === undefined ? undefined : msOf(outage);
const openStore = STORES[option('store') ?? 'elasticsearch'];
if (openStore === undefined) throw new Error(`--store is one of ${Object.keys(STORES).join(', ')}`);

function msOf(text: string): number {
  const [, count, unit] = /^(\d{1,4})(s|m)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`--outage=${text} is not a number of seconds or minutes, such as 30s or 3m`);
  return Number(count) * (unit === 'm' ? 60_000 : 1_000);
}

type Told = Settled & { readonly story: readonly string[] };

/** Prints the account, and whatever else there is to say. */
function report(
  { missing, duplicated, unexpected, story, ...counts }: Told,
  more: Readonly<Record<string, unknown>>,
): void {
  const { received, stored, rejected, deadLettered, logged, counted } = counts;
  const holds =
    received === stored + rejected + deadLettered &&
    missing.length + duplicated.length + unexpected.length === 0 &&
    counted === logged &&
    more['fault'] === undefined;
  if (!holds) failed += 1;
  const lists = { missing: missing.length, duplicated: duplicated.length, unexpected: unexpected.length };
  process.stdout.write(
    `${JSON.stringify({ ...counts, ...lists, ...more, story: story.join('; '), ...surroundings() })}\n`,
  );
}

function found<T>(outside: Outside<T>): T {
  if ('missing' in outside) throw new Error(`${outside.missing}. ${outside.remedy}`);
  return outside.found;
}

const kafka = found(await startOwnKafka());
const store = found(await openStore());
let failed = 0;
try {
  await using pipeline = await startPipeline({
    kafka,
    store,
    topic: 'jaeger-spans',
    kafkaEnv: { ...KAFKA_SETTINGS, SPOOR_KAFKA_CLIENT: option('client') ?? 'platformatic' },
    collectorEnv: COLLECTOR_SETTINGS,
  });
  for (let seed = first; seed < first + seeds; seed += 1) {
    const world = { kafka, pipeline, store };
    const startedMs = performance.now();
    const seconds = () => Math.round((performance.now() - startedMs) / 1000);
    report(await survive(seed, bound, world), { chaos: store.name, seconds: seconds() });
    if (outageMs === undefined) continue;
    const outlasted = await outlast(seed, outageMs, world);
    report(outlasted, { chaos: store.name, outage, seconds: seconds(), fault: faultOf(outlasted, outlasted.counters) });
  }
} finally {
  await store.close();
  await kafka.stop();
}
process.exitCode = failed === 0 ? 0 : 1;
