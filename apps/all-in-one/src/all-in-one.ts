import { randomUUID } from 'node:crypto';
import { type Agent, type AgentDependencies, createAgent } from '@spoor/agent';
import { type Collector, createCollector, createSampling, openKafkaLog } from '@spoor/collector';
import { checkedWriter, createIngester, createStoreWriter } from '@spoor/ingester';
import { decodeJaegerBatch } from '@spoor/jaeger';
import { createMetricsRegistry, reportValue } from '@spoor/metrics';
import { type Clock, type Component, systemClock } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import { createQuery } from '@spoor/query';
import { createSelfTracing, tracedProducer, tracedWriter } from '@spoor/self-tracing';
import {
  createAdmin,
  createReadiness,
  createTenancy,
  inOrder,
  type ReadinessState,
  readyWhileStarted,
  type Tenancy,
} from '@spoor/service';
import { createInProcessSpanLog, type SpanLog } from '@spoor/span-log';
import { openStorage } from '@spoor/stores';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { AllInOneConfig } from './config.ts';

export interface AllInOneDependencies {
  readonly logger: Logger;
  readonly version: string;
  /** Where the built pages lie. */
  readonly uiDirectory: string;
  readonly clock?: Clock;
  readonly metrics?: Registry;
  /** What the values of the agent's tags may be taken from. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Collector, ingester and query in one process, around a store and a log in memory or in Kafka. */
export async function createAllInOne(config: AllInOneConfig, deps: AllInOneDependencies): Promise<Component> {
  const { logger, uiDirectory } = deps;
  const clock = deps.clock ?? systemClock;
  const metrics = deps.metrics ?? createMetricsRegistry();
  const readiness = createReadiness();
  const tenancy = createTenancy(config.tenancy);

  const tracing = createSelfTracing(config.tracing, {
    logger,
    serviceName: 'spoor',
    version: deps.version,
    ownReceiver: () => collector.addresses().http,
  });
  const storage = await openStorage(config.storage, { logger, metrics, clock });
  const { log, ready: logReady } = openLog(config, { logger, metrics, clock });
  const isKafka = config.spanLog.type === 'kafka';
  // Senders wait for what is stored out of a log in memory.
  const { metrics: counting } = config.ingester;
  const stored = createStoreWriter(isKafka ? counting : { ...counting, linger: 0 }, {
    writer: tracedWriter(storage.writer, tracing),
    slices: storage.metricsSlices,
    // A log in memory begins anew with each process.
    log: isKafka ? config.kafka.topic : `in-process-${randomUUID()}`,
    metrics,
  });
  // What lies in Kafka may have been written by anybody.
  const writer = isKafka ? checkedWriter(stored) : stored;
  const ingester = createIngester(config.ingester, { log, writer, logger, metrics });
  const query = createQuery(config.query, {
    reader: storage.reader,
    dependencies: storage.dependencies,
    serviceMetrics: storage.metrics,
    archive: storage.archive,
    logger,
    metrics,
    clock,
    tenancy,
    uiDirectory,
    tracing,
  });
  const sampling = createSampling(config.sampling, { logger, clock, shared: storage });
  const { strategies } = sampling;
  const producer = tracedProducer(log.producer(), tracing);
  const collector = createCollector(config.collector, { producer, tenancy, clock, logger, metrics, strategies });
  const agent = openAgent(config, collector, { tenancy, logger, metrics, env: deps.env ?? {} });
  const admin = createAdmin(config.admin, { logger, metrics, clock, readiness, version: deps.version, config });

  if (logReady !== undefined) readiness.add('kafka', logReady);
  for (const part of [storage, ingester, query, sampling, collector, agent])
    readiness.add(part.name, () => part.readiness());
  // Own traces may be sent to the collector, so they come last and end first.
  // The admin server comes first and goes last, so that it can be asked about the start and the end.
  const all = inOrder(
    'all-in-one',
    [admin, storage, log, ingester, query, sampling, collector, agent, tracing],
    logger,
  );
  return readyWhileStarted(all, readiness, () => {
    logger.info(`ready: open ${pageAddress(query.addresses().http, config.query.basePath)} in a browser`);
  });
}

/** What an agent would send to a collector goes to ours without a connection between. */
function openAgent(
  config: AllInOneConfig,
  collector: Collector,
  { tenancy, ...deps }: Omit<AgentDependencies, 'send'> & { readonly tenancy: Tenancy },
): Agent {
  return createAgent(config.agent, {
    ...deps,
    async send({ batch, format }) {
      // A packet names no tenant: where there must be one, and no setting does, its spans are refused.
      const tenant = tenancy.fromHttpHeaders({ [config.tenancy.header]: config.agent.tenant });
      const bytes = encodeTraces(decodeJaegerBatch(batch));
      await collector.take({ bytes, format, transport: 'udp', tenant });
    },
  });
}

interface OpenedLog {
  readonly log: SpanLog;
  /** Only of a log that may be away. */
  readonly ready?: () => ReadinessState;
}

function openLog(
  config: AllInOneConfig,
  deps: { readonly logger: Logger; readonly metrics: Registry; readonly clock: Clock },
): OpenedLog {
  if (config.spanLog.type === 'kafka') {
    const log = openKafkaLog(config.kafka, deps);
    return { log, ready: () => log.readiness() };
  }
  const { maxBytes, maxBatches } = config.spanLog;
  const log = createInProcessSpanLog({ maxBytes, maxBatches }, deps);
  reportValue(deps.metrics, 'spoor_span_log_bytes', () => log.use().bytes);
  reportValue(deps.metrics, 'spoor_span_log_batches', () => log.use().items);
  reportValue(deps.metrics, 'spoor_span_log_high_water_bytes', () => log.use().highWaterBytes);
  reportValue(deps.metrics, 'spoor_span_log_refusals_total', () => log.use().refusals);
  return { log };
}

/** An address that a browser on this machine can open: a listener on all addresses is reached by the loopback one. */
function pageAddress(address: string, basePath: string): string {
  const host = address.replace(/^(0\.0\.0\.0|\[::\]):/, '127.0.0.1:');
  return `http://${host}${basePath === '/' ? '' : basePath}`;
}
