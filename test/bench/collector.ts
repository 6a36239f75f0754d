import { setTimeout as sleep } from 'node:timers/promises';
import { startCollector, startOwnKafka } from '../harness/index.ts';
import type { Bench } from './bench.ts';
import { rounded } from './bench.ts';
import { startLoad } from './load.ts';

const CASES = {
  'otlp-http': 'otlpHttp',
  'otlp-grpc': 'otlpGrpc',
  'otlp-http-gzip': 'otlpHttp',
  'otlp-grpc-gzip': 'otlpGrpc',
} as const;
const DEFAULT_SPANS = 1_000_000;
const WARM_UP_SPANS = 100_000;
const PARTITIONS = 12;
const CONCURRENCY = 16;
/** What the process still does for the spans after the last acknowledgement counts as well. */
const SETTLE_MS = 2_000;

/**
 * What taking spans costs a collector, from the socket until a broker of this machine has them (`acks=all`, 12 partitions):
 * requests of 100 spans of about 500 bytes, each acknowledged when Kafka has it. CPU and memory are the collector's own, after
 * 100,000 spans to warm up. `--spans=`, `--concurrency=`, `--client=kafkajs`, `--compression=zstd` change what is measured,
 * `--cpu-prof=<directory>` leaves a profile.
 */
export const benchCollector: Bench = async ({ wants, option, report, note }) => {
  const spans = Number(option('spans') ?? DEFAULT_SPANS);
  const concurrency = Number(option('concurrency') ?? CONCURRENCY);
  const client = option('client') ?? 'platformatic';
  const compression = option('compression') ?? 'none';
  const profileDirectory = option('cpu-prof');
  const kafka = await startOwnKafka();
  if ('missing' in kafka) throw new Error(`${kafka.missing}. ${kafka.remedy}`);
  try {
    for (const [name, listener] of Object.entries(CASES)) {
      if (!wants(name)) continue;
      await kafka.found.createTopic(name, { partitions: PARTITIONS });
      await using collector = await startCollector({
        brokers: kafka.found.brokers,
        topic: name,
        env: { SPOOR_KAFKA_CLIENT: client, SPOOR_KAFKA_COMPRESSION: compression },
        nodeArgs: profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`],
      });
      const measure = async (count: number) => {
        const load = await startLoad(name, collector.addresses[listener], count, concurrency);
        const before = collector.cpuSeconds();
        const result = await load.run();
        await sleep(SETTLE_MS);
        return { ...result, cpuSeconds: collector.cpuSeconds() - before };
      };
      await measure(WARM_UP_SPANS);
      note(`collector: ${name}, ${spans} spans`);
      const { cpuSeconds, seconds, resent } = await measure(spans);
      const received = (await collector.metrics()).sum('spoor_spans_received_total');
      if (received < spans + WARM_UP_SPANS) throw new Error(`${spans} spans were acknowledged, ${received} received`);
      report({
        case: name,
        spans,
        cpuSecondsPerMillionSpans: rounded((cpuSeconds / spans) * 1e6),
        spansPerSecond: Math.round(spans / seconds),
        peakRssMiB: Math.round(collector.peakRssBytes() / 2 ** 20),
        resentRequests: resent,
        concurrency,
        client,
        compression,
      });
    }
  } finally {
    await kafka.found.stop();
  }
};
