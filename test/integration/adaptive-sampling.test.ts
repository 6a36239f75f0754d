import { randomUUID } from 'node:crypto';
import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { afterAll, describe, expect, test } from 'vitest';
import { createSpanGenerator } from '../fixtures/spans.ts';
import { type Collector, startCollector, startKafka } from '../harness/index.ts';
import { startIngester } from '../harness/ingester.ts';
import type { Kafka } from '../harness/kafka.ts';
import { foundOrSkipped } from '../harness/outside.ts';
import { onCassandra } from '../harness/shared-cassandra.ts';
import { onElasticsearch } from '../harness/shared-elasticsearch.ts';
import { waitFor } from '../harness/wait-for.ts';

const INITIAL = 0.001;
const ADAPTIVE = {
  SPOOR_SAMPLING_TYPE: 'adaptive',
  SPOOR_SAMPLING_ADAPTIVE_INITIAL_SAMPLING_PROBABILITY: String(INITIAL),
  // Far above what the test sends: each calculation that sees something doubles.
  SPOOR_SAMPLING_ADAPTIVE_TARGET_SAMPLES_PER_SECOND: '1000',
  SPOOR_SAMPLING_ADAPTIVE_CALCULATION_INTERVAL: '500ms',
  // Longer than the test takes: what is seen in none of them is forgotten.
  SPOOR_SAMPLING_ADAPTIVE_AGGREGATION_BUCKETS: '1000',
  SPOOR_SAMPLING_ADAPTIVE_CALCULATION_DELAY: '1s',
  SPOOR_SAMPLING_ADAPTIVE_LEADER_LEASE_REFRESH_INTERVAL: '500ms',
  SPOOR_SAMPLING_ADAPTIVE_FOLLOWER_LEASE_REFRESH_INTERVAL: '3s',
};
const LEADS = 'this process calculates the probabilities of adaptive sampling';
const SEEN = { timeout: 30_000, interval: 50 };
const LED = { deadlineMs: SEEN.timeout, intervalMs: SEEN.interval };

const kafka = await startKafka();
const stores = { cassandra: await onCassandra(), elasticsearch: await onElasticsearch() };
afterAll(async () => {
  for (const store of Object.values(stores)) if ('found' in store) await store.found.close();
  if ('found' in kafka) await kafka.found.stop();
});

const leads = (collector: Collector) => collector.logs().filter(({ msg }) => msg === LEADS).length > 0;

/** Which probability a client of the service is told for its operation. */
async function told(collector: Collector, service: string): Promise<number | undefined> {
  const answer = await fetch(`http://${collector.addresses.thriftHttp}/api/sampling?service=${service}`);
  const strategy = (await answer.json()) as {
    readonly operationSampling: {
      readonly perOperationStrategies: readonly {
        readonly operation: string;
        readonly probabilisticSampling: { readonly samplingRate: number };
      }[];
    };
  };
  const { perOperationStrategies } = strategy.operationSampling;
  return perOperationStrategies.find(({ operation }) => operation === 'buy')?.probabilisticSampling.samplingRate;
}

const [template] = createSpanGenerator({ seed: 9, startTimeUnixNano: BigInt(Date.now()) * 1_000_000n }).spans(1);

/** One root span, sampled as a client would that was told this probability. */
async function sendSampled(collector: Collector, service: string, probability: number): Promise<void> {
  const span: Span = {
    ...template!,
    traceId: randomUUID().replaceAll('-', ''),
    name: 'buy',
    parentSpanId: '',
    resource: { ...template!.resource, attributes: [{ key: 'service.name', value: service }] },
    attributes: [
      { key: 'sampler.type', value: 'probabilistic' },
      { key: 'sampler.param', value: probability },
    ],
  };
  const answer = await fetch(`http://${collector.addresses.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeTraces([span])),
  });
  expect(answer.status).toBe(200);
}

describe.each(Object.keys(stores) as (keyof typeof stores)[])('collectors that share %s', (name) => {
  const store = stores[name];

  test('one of them calculates, all of them tell; when it is killed another takes over', {
    timeout: 150_000,
  }, async (context) => {
    const { brokers, createTopic } = foundOrSkipped<Kafka>(kafka, (note) => context.skip(note));
    const { settings } = foundOrSkipped(store, (note) => context.skip(note));
    const topic = `adaptive-${randomUUID().slice(0, 8)}`;
    await createTopic(topic, { partitions: 2 });
    // Makes the tables.
    await using _ingester = await startIngester({ brokers, topic, storage: settings });
    const start = () => startCollector({ brokers, topic, env: { ...settings, ...ADAPTIVE } });
    await using one = await start();
    await using two = await start();
    const [first, second] = await waitFor(
      async () => (leads(one) ? ([one, two] as const) : leads(two) && ([two, one] as const)),
      { ...LED, describe: 'a collector with the lease' },
    );
    expect(leads(second)).toBe(false);

    const service = `shop-${randomUUID().slice(0, 8)}`;
    const all = (...collectors: readonly Collector[]) => Promise.all(collectors.map((each) => told(each, service)));
    // What one collector saw, the other calculates with.
    await sendSampled(second, service, INITIAL);
    const doubled = [INITIAL * 2, INITIAL * 2];
    await expect.poll(() => all(first, second), SEEN).toEqual(doubled);

    await first.kill9();
    await waitFor(() => leads(second), { ...LED, describe: 'the other collector with the lease' });
    expect(await told(second, service)).toBe(INITIAL * 2);
    await sendSampled(second, service, INITIAL * 2);
    // What it takes over is what it goes on from, and who comes later does so too.
    await expect.poll(() => told(second, service), SEEN).toBeGreaterThanOrEqual(INITIAL * 4);
    await using third = await start();
    await expect
      .poll(async () => {
        const [of2, of3 = 0] = await all(second, third);
        return of2 === of3 && of3 >= INITIAL * 4;
      }, SEEN)
      .toBe(true);
    expect(leads(third)).toBe(false);
  });
});
