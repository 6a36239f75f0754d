import { createMetricsRegistry } from '@spoor/metrics';
import { type Clock, type Component, systemClock } from '@spoor/model';
import { WireWriter } from '@spoor/otlp';
import { createSelfTracing, tracedSend } from '@spoor/self-tracing';
import { createAdmin, createReadiness, inOrder, readyWhileStarted } from '@spoor/service';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createAgent } from './agent.ts';
import { createCollectorClient } from './forward/collector-client.ts';
import { createSamplingServer } from './http/sampling-server.ts';
import { decodeStrategy, encodeParameters } from './http/strategy-proto.ts';
import { reportConnections } from './peer-metrics.ts';
import type { AgentProcessConfig } from './process-config.ts';
import { collectorClientConfigOf } from './reporter-config.ts';

export interface AgentProcessDependencies {
  readonly logger: Logger;
  readonly version: string;
  /** What the values of tags may be taken from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly metrics?: Registry;
}

const POST_SPANS = '/jaeger.api_v2.CollectorService/PostSpans';
const GET_STRATEGY = '/jaeger.api_v2.SamplingManager/GetSamplingStrategy';

/** An agent alone: UDP in, collectors over gRPC out, and sampling strategies the other way. */
export function createAgentProcess(
  config: AgentProcessConfig,
  { logger, version, env, clock = systemClock, metrics = createMetricsRegistry() }: AgentProcessDependencies,
): Component {
  const readiness = createReadiness();
  const collectors = createCollectorClient(collectorClientConfigOf(config.reporter, config.agent.tenant));
  reportConnections(metrics, collectors.connections);
  const tracing = createSelfTracing(config.tracing, { logger, serviceName: 'spoor-agent', version });
  const agent = createAgent(config.agent, {
    async send({ batch }, signal) {
      await tracedSend(batch, tracing, () => collectors.call(POST_SPANS, postSpansRequest(batch), signal));
    },
    logger,
    metrics,
    clock,
    env,
  });
  const strategies = {
    strategyFor: async (service: string) =>
      decodeStrategy(await collectors.call(GET_STRATEGY, encodeParameters(service), NEVER)),
  };
  const http = createSamplingServer(config.http.endpoint, { strategies, logger });
  const admin = createAdmin(config.admin, { logger, metrics, clock, readiness, version, config });
  readiness.add(agent.name, () => agent.readiness());
  const connections: Component = {
    name: 'collectors',
    start: async () => collectors.connect(),
    stop: async () => collectors.close(),
  };
  // Stopped in reverse: what was received is handed on while the connections still stand.
  const all = inOrder('agent process', [admin, connections, http, tracing, agent], logger);
  return readyWhileStarted(all, readiness, () => {
    logger.info({ collectors: config.reporter.endpoints }, 'the agent hands spans on');
  });
}

/** A question to a collector ends with its time-out. */
const NEVER = new AbortController().signal;

/** `PostSpansRequest{batch=1}` (CONTRACT §2.2). */
function postSpansRequest(batch: Uint8Array): Uint8Array {
  const writer = new WireWriter(batch.length + 16);
  writer.blob(10, batch);
  return writer.finish();
}
