import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AgentProcess, startAgent } from '../harness/agent.ts';
import { type Collector, startCollector, startKafka } from '../harness/index.ts';
import type { Bench } from './bench.ts';
import { rounded } from './bench.ts';

const CASES = [
  'jaeger-thrift-http',
  'jaeger-grpc',
  'zipkin-json',
  'zipkin-proto',
  'zipkin-v1-json',
  'zipkin-v1-thrift',
  'agent-compact',
  'agent-binary',
  'agent-zipkin',
] as const;
type Case = (typeof CASES)[number];

const DEFAULT_SPANS = 500_000;
const WARM_UP_SPANS = 50_000;
const PARTITIONS = 12;
const CONCURRENCY = 16;
const DEFAULT_PACKETS_PER_SECOND = 250;
/** What a process still does for the spans after the last of them counts as well. */
const SETTLE_MS = 2_000;
/** How late the last spans of packets may reach the collector. */
const MAX_DELAY_MS = 30_000;
const POLL_MS = 250;

/**
 * What taking spans in the older protocols costs: a collector from the socket until a broker of this machine has them
 * (`acks=all`, 12 partitions), requests of 100 spans; an agent from the datagram until that collector has them, packets of 40
 * spans at a steady rate, never more than the socket holds. CPU and memory are those of the collector, or of the agent alone. `--spans=`, `--concurrency=`,
 * `--rate=` (packets a second) change what is measured.
 */
export const benchReceivers: Bench = async ({ wants, option, report, note }) => {
  const spans = Number(option('spans') ?? DEFAULT_SPANS);
  const concurrency = option('concurrency') ?? String(CONCURRENCY);
  const rate = option('rate') ?? String(DEFAULT_PACKETS_PER_SECOND);
  const kafka = await startKafka();
  if ('missing' in kafka) throw new Error(`${kafka.missing}. ${kafka.remedy}`);
  try {
    for (const name of CASES) {
      if (!wants(name)) continue;
      const topic = `receivers-${name}-${process.pid}`;
      await kafka.found.createTopic(topic, { partitions: PARTITIONS });
      await using collector = await startCollector({ brokers: kafka.found.brokers, topic });
      await using agent = await startAgent({ collectors: [collector.addresses.jaegerGrpc] });
      const measured = name.startsWith('agent-') ? agent : collector;
      const measure = async (count: number) => {
        const load = await startLoad([name, addressOf(name, collector, agent), String(count), concurrency, rate]);
        const before = measured.cpuSeconds();
        const receivedBefore = await receivedBy(collector);
        const result = await load();
        const received = await receivedSince(collector, receivedBefore, result.spans);
        await sleep(SETTLE_MS);
        return { ...result, received, cpuSeconds: measured.cpuSeconds() - before };
      };
      await measure(WARM_UP_SPANS);
      note(`receivers: ${name}, ${spans} spans`);
      const { cpuSeconds, seconds, received, spans: sent } = await measure(spans);
      report({
        case: name,
        spans: received,
        lostSpans: sent - received,
        ...(measured === agent
          ? { droppedByTheSystem: (await agent.metrics()).sum('spoor_agent_socket_drops_total') }
          : {}),
        cpuSecondsPerMillionSpans: rounded((cpuSeconds / received) * 1e6),
        spansPerSecond: Math.round(received / seconds),
        peakRssMiB: Math.round(measured.peakRssBytes() / 2 ** 20),
      });
    }
  } finally {
    await kafka.found.stop();
  }
};

function addressOf(name: Case, { addresses }: Collector, agent: AgentProcess): string {
  if (name === 'agent-compact') return agent.addresses.jaegerCompact;
  if (name === 'agent-binary') return agent.addresses.jaegerBinary;
  if (name === 'agent-zipkin') return agent.addresses.zipkinCompact;
  if (name === 'jaeger-grpc') return addresses.jaegerGrpc;
  return name === 'jaeger-thrift-http' ? addresses.thriftHttp : addresses.zipkin;
}

/** Waits for all that was sent, but not for ever: packets may be lost. */
async function receivedSince(collector: Collector, before: number, sent: number): Promise<number> {
  const endMs = performance.now() + MAX_DELAY_MS;
  for (;;) {
    const received = (await receivedBy(collector)) - before;
    if (received >= sent || performance.now() > endMs) return received;
    await sleep(POLL_MS);
  }
}

async function receivedBy(collector: Collector): Promise<number> {
  return (await collector.metrics()).sum('spoor_spans_received_total');
}

/** Senders in a process of their own, ready to go. */
async function startLoad(args: readonly string[]): Promise<() => Promise<{ seconds: number; spans: number }>> {
  const load = fork(join(import.meta.dirname, 'receivers-load.ts'), args);
  const failed = once(load, 'exit').then(([code]): never => {
    throw new Error(`the load ended with ${code} before it told its result`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(load, 'message'), failed]);
  return async () => {
    load.send('go');
    const [result] = await Promise.race([once(load, 'message'), failed]);
    return result as { seconds: number; spans: number };
  };
}
