import { setTimeout as sleep } from 'node:timers/promises';
import { type OwnKafka, startCollector, startOwnKafka } from '../harness/index.ts';
import { type Bench, rounded, spreadOf } from './bench.ts';
import { INGESTER_CASES, type IngesterCase, type IngesterPlace } from './ingester-cases.ts';
import { startLoad } from './load.ts';

const DEFAULT_SPANS = 1_000_000;
const DEFAULT_WARM_UP_SPANS = 100_000;
const PARTITIONS = 12;
const CONCURRENCY = 16;
const LOOK_EVERY_MS = 100;
const DEADLINE_MS = 20 * 60_000;

/**
 * What moving spans from Kafka into a store costs an ingester: a topic of 12 partitions is filled by a collector with spans of
 * about 500 bytes in requests of 100, and then read by one process. CPU and memory are the ingester's own, after 100,000
 * spans to warm up, and of the spans until the last is stored. `elasticsearch` asks for the cases `spoor` and `jaeger`: its two
 * layouts, with the CPU of its server beside the ingester's; `cassandra-rows` for `cassandra` and what is saved without some of its rows. `--spans=`, `--warm-up=`, `--runs=`, `--client=kafkajs` change what is
 * measured, `--cpu-prof=<directory>` leaves a profile.
 */
export const benchIngester: Bench = async ({ wants, option, report, note }) => {
  const spans = Number(option('spans') ?? DEFAULT_SPANS);
  const warmUpSpans = Number(option('warm-up') ?? DEFAULT_WARM_UP_SPANS);
  const runs = Number(option('runs') ?? 3);
  const client = option('client') ?? 'platformatic';
  const profileDirectory = option('cpu-prof');
  const nodeArgs = profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`];
  for (const [name, ingesterCase] of Object.entries(INGESTER_CASES)) {
    if (!wants(name) && !(ingesterCase.store !== undefined && wants(ingesterCase.store))) continue;
    const measured: Measured[] = [];
    for (let run = 1; run <= runs; run += 1) {
      // A group has read a topic once it has read it: each run fills a Kafka of its own.
      const kafka = await startOwnKafka();
      if ('missing' in kafka) throw new Error(`${kafka.missing}. ${kafka.remedy}`);
      try {
        const topic = `ingester-${name}`;
        await fill(kafka.found, topic, spans + warmUpSpans);
        note(`ingester: ${name}, run ${run}, ${spans} spans`);
        measured.push(
          await measure(
            ingesterCase,
            { spans, warmUpSpans },
            { brokers: kafka.found.brokers, topic, client, nodeArgs },
          ),
        );
      } finally {
        await kafka.found.stop();
      }
    }
    const cpu = spreadOf(measured.map((one) => one.cpuSecondsPerMillionSpans));
    report({
      case: name,
      spans,
      runs,
      cpuSecondsPerMillionSpans: rounded(cpu.median),
      cpuSecondsPerMillionSpansMin: rounded(cpu.min),
      cpuSecondsPerMillionSpansMax: rounded(cpu.max),
      spansPerSecond: Math.round(spreadOf(measured.map((one) => one.spansPerSecond)).median),
      peakRssMiB: Math.round(Math.max(...measured.map((one) => one.peakRssBytes)) / 2 ** 20),
      ...serverCpuOf(measured),
      ...measured.at(-1)?.facts,
      client,
    });
  }
};

/** The records are those that a collector writes. */
async function fill(kafka: OwnKafka, topic: string, spans: number): Promise<void> {
  await kafka.createTopic(topic, { partitions: PARTITIONS });
  await kafka.createTopic(`${topic}-dlq`);
  await using collector = await startCollector({ brokers: kafka.brokers, topic });
  const load = await startLoad('otlp-http', collector.addresses.otlpHttp, spans, CONCURRENCY);
  await load.run();
}

interface Measured {
  readonly cpuSecondsPerMillionSpans: number;
  /** Of the store's server, where it has one of its own. */
  readonly serverCpuSecondsPerMillionSpans: number | undefined;
  readonly spansPerSecond: number;
  readonly peakRssBytes: number;
  readonly facts: Readonly<Record<string, number>>;
}

function serverCpuOf(measured: readonly Measured[]): { serverCpuSecondsPerMillionSpans?: number } {
  const values = measured.flatMap((one) => one.serverCpuSecondsPerMillionSpans ?? []);
  return values.length === 0 ? {} : { serverCpuSecondsPerMillionSpans: rounded(spreadOf(values).median) };
}

async function measure(
  ingesterCase: IngesterCase,
  { spans, warmUpSpans }: { spans: number; warmUpSpans: number },
  place: IngesterPlace,
): Promise<Measured> {
  const ingester = await ingesterCase.start(place);
  try {
    const look = async () => ({
      stored: await ingester.stored(),
      cpuSeconds: ingester.cpuSeconds(),
      serverCpuSeconds: ingester.serverCpuSeconds?.(),
      atMs: performance.now(),
    });
    const deadlineMs = performance.now() + DEADLINE_MS;
    let warm = await look();
    let last = warm;
    while (last.stored < spans + warmUpSpans) {
      if (performance.now() > deadlineMs) throw new Error(`${last.stored} of ${spans + warmUpSpans} spans are stored`);
      await sleep(LOOK_EVERY_MS);
      last = await look();
      if (warm.stored < warmUpSpans) warm = last;
    }
    const stored = last.stored - warm.stored;
    if (stored <= 0) throw new Error('every span was stored at once: nothing was measured; take more --spans');
    const server =
      last.serverCpuSeconds === undefined ? undefined : last.serverCpuSeconds - (warm.serverCpuSeconds ?? 0);
    return {
      serverCpuSecondsPerMillionSpans: server === undefined ? undefined : (server / stored) * 1e6,
      cpuSecondsPerMillionSpans: ((last.cpuSeconds - warm.cpuSeconds) / stored) * 1e6,
      spansPerSecond: (stored / (last.atMs - warm.atMs)) * 1000,
      peakRssBytes: ingester.peakRssBytes(),
      facts: (await ingester.facts?.()) ?? {},
    };
  } finally {
    await ingester.stop();
  }
}
