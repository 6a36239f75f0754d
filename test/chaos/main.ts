/**
 * `npm run chaos`: what pipeline.test.ts does, over `--seeds=10` seeds from `--first=1` on, each disaster `--rounds=2` times, on
 * `--store=elasticsearch` or `cassandra`. Prints a line of JSON for each seed; ends with 1 when an account did not come out even.
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
import { COLLECTOR_SETTINGS, KAFKA_SETTINGS, survive } from './survive.ts';

const STORES: Readonly<Record<string, OpenSharedStore>> = { elasticsearch: onElasticsearch, cassandra: onCassandra };

const option = (name: string): string | undefined =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const first = Number(option('first') ?? 1);
const seeds = Number(option('seeds') ?? 10);
const bound = { rounds: Number(option('rounds') ?? 2), maxPauseMs: 1_500 };
const openStore = STORES[option('store') ?? 'elasticsearch'];
if (openStore === undefined) throw new Error(`--store is one of ${Object.keys(STORES).join(', ')}`);

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
    kafkaEnv: KAFKA_SETTINGS,
    collectorEnv: COLLECTOR_SETTINGS,
  });
  for (let seed = first; seed < first + seeds; seed += 1) {
    const startedMs = performance.now();
    const { missing, duplicated, unexpected, story, ...counts } = await survive(seed, bound, {
      kafka,
      pipeline,
      store,
    });
    const { received, stored, rejected, deadLettered, logged, counted } = counts;
    const holds =
      received === stored + rejected + deadLettered &&
      missing.length + duplicated.length + unexpected.length === 0 &&
      counted === logged;
    if (!holds) failed += 1;
    process.stdout.write(
      `${JSON.stringify({
        chaos: store.name,
        ...counts,
        missing: missing.length,
        duplicated: duplicated.length,
        unexpected: unexpected.length,
        seconds: Math.round((performance.now() - startedMs) / 1000),
        story: story.join('; '),
        ...surroundings(),
      })}\n`,
    );
  }
} finally {
  await store.close();
  await kafka.stop();
}
process.exitCode = failed === 0 ? 0 : 1;
