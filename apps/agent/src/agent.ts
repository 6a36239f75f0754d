import { type Clock, type Component, systemClock } from '@spoor/model';
import { BinaryReader, CompactReader, type ThriftReader } from '@spoor/thrift';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { agentTagsOf } from './agent-tags.ts';
import type { AgentConfig } from './config.ts';
import { createForwarder } from './forward/forwarder.ts';
import { waitFor } from './forward/wait.ts';
import { createAgentMetrics } from './metrics.ts';
import { ClientReports } from './packets/client-reports.ts';
import type { ReceivedPacket, SpanPacket } from './packets/decode.ts';
import { kernelDrops } from './packets/kernel-drops.ts';
import { createUdpReceiver } from './packets/udp-receiver.ts';

export interface AgentDependencies {
  /** Resolves when the next stage is responsible for the spans. Throws a `SpoorError`, whose kind says whether to try again. */
  readonly send: (packet: SpanPacket, signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** What the values of tags may be taken from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export interface Agent extends Component {
  readiness(): { readonly ready: boolean; readonly reason?: string };
  /** `host:port` of each receiver; `undefined` while it does not listen. */
  addresses(): Readonly<Record<'jaegerCompact' | 'jaegerBinary' | 'zipkinCompact', string | undefined>>;
}

const WHAT = 'a call of the agent';

/** Receives datagrams and hands their spans on, through a bounded buffer. */
export function createAgent(
  config: AgentConfig,
  { send, logger, metrics: registry, ...others }: AgentDependencies,
): Agent {
  const { env, clock = systemClock, random = Math.random } = others;
  const metrics = createAgentMetrics(registry);
  const { maxBytes, maxBatches, concurrency, retry } = config.buffer;
  const { initialDelay: initialDelayMs, maxDelay: maxDelayMs } = retry;
  const forwarder = createForwarder(
    { maxBytes, maxBatches, concurrency, initialDelayMs, maxDelayMs },
    { send, metrics, logger, random, wait: waitFor },
  );
  const reports = new ClientReports(metrics, clock);
  metrics.watchBuffer(() => forwarder.use());
  metrics.watchClients(() => reports.heardOf());
  const shared = {
    agentTags: agentTagsOf(config.tags, env),
    offer: (packet: ReceivedPacket) => forwarder.offer(packet),
    reports,
    metrics,
    logger,
  };
  const receiver = (
    name: string,
    key: 'jaegerCompact' | 'jaegerBinary' | 'zipkinCompact',
    open: (bytes: Uint8Array) => ThriftReader,
  ) => createUdpReceiver({ ...shared, name, setting: `agent.${key}.endpoint`, config: config[key], open });
  const compact = (bytes: Uint8Array) => new CompactReader(bytes, WHAT);
  const receivers = {
    jaegerCompact: receiver('jaeger-compact', 'jaegerCompact', compact),
    jaegerBinary: receiver('jaeger-binary', 'jaegerBinary', (bytes) => new BinaryReader(bytes, WHAT)),
    zipkinCompact: receiver('zipkin-compact', 'zipkinCompact', compact),
  };
  const enabled = Object.entries(receivers).flatMap(([key, one]) =>
    config[key as keyof typeof receivers].enabled ? [one] : [],
  );

  const portsOf = () => enabled.flatMap((one) => Number(one.address()?.split(':').at(-1) ?? []));
  // What a closed socket has lost is still lost.
  let lastDrops = 0;
  metrics.watchSockets(() => {
    lastDrops = Math.max(lastDrops, kernelDrops(portsOf()));
    return lastDrops;
  });

  return {
    name: 'agent',
    async start() {
      for (const one of enabled) await one.start();
    },
    async stop(signal) {
      await Promise.all(enabled.map((one) => one.stop(signal)));
      await forwarder.stop(signal);
    },
    readiness() {
      const silent = enabled.filter((one) => one.address() === undefined).map(({ name }) => name);
      if (silent.length > 0) return { ready: false, reason: `${silent.join(', ')} does not listen` };
      const reason = forwarder.trouble();
      return reason === undefined ? { ready: true } : { ready: false, reason };
    },
    addresses: () => ({
      jaegerCompact: receivers.jaegerCompact.address(),
      jaegerBinary: receivers.jaegerBinary.address(),
      zipkinCompact: receivers.zipkinCompact.address(),
    }),
  };
}
