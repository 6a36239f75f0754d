import { createMetricsRegistry } from '@spoor/metrics';
import { type Clock, type Component, SpoorError, systemClock } from '@spoor/model';
import { createSelfTracing, tracedProducer } from '@spoor/self-tracing';
import { createAdmin, createReadiness, createTenancy, inOrder, readyWhileStarted } from '@spoor/service';
import type { Storage } from '@spoor/storage';
import { openStorage } from '@spoor/stores';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createCollector } from './collector.ts';
import { openKafkaLog } from './kafka-log.ts';
import type { CollectorProcessConfig } from './process-config.ts';
import { createSampling } from './sampling/index.ts';

export interface CollectorProcessDependencies {
  readonly logger: Logger;
  readonly version: string;
  readonly clock?: Clock;
  readonly metrics?: Registry;
}

/** A collector alone: OTLP in, Kafka out. It keeps nothing, so any number of them may run side by side. */
export async function createCollectorProcess(
  config: CollectorProcessConfig,
  { logger, version, clock = systemClock, metrics = createMetricsRegistry() }: CollectorProcessDependencies,
): Promise<Component> {
  const readiness = createReadiness();
  const log = openKafkaLog(config.kafka, { logger, metrics, clock });
  const tenancy = createTenancy(config.tenancy);
  const shared = await openSharedStore(config, { logger, metrics, clock });
  const sampling = createSampling(config.sampling, { logger, clock, shared: shared ?? {} });
  const { strategies } = sampling;
  const tracing = createSelfTracing(config.tracing, { logger, serviceName: 'spoor-collector', version });
  const producer = tracedProducer(log.producer(), tracing);
  const collector = createCollector(config.collector, { producer, tenancy, clock, logger, metrics, strategies });
  const admin = createAdmin(config.admin, { logger, metrics, clock, readiness, version, config });
  readiness.add('kafka', () => log.readiness());
  for (const part of [sampling, collector]) readiness.add(part.name, () => part.readiness());
  // Stopped in reverse: senders get their answers while the log still writes.
  const all = inOrder(
    'collector process',
    [admin, log, ...(shared === undefined ? [] : [shared]), sampling, collector, tracing],
    logger,
  );
  return readyWhileStarted(all, readiness, () => {
    logger.info({ brokers: config.kafka.brokers, topic: config.kafka.topic }, 'the collector takes spans');
  });
}

/** Only adaptive sampling needs one. */
async function openSharedStore(
  { sampling, storage }: CollectorProcessConfig,
  deps: { readonly logger: Logger; readonly metrics: Registry; readonly clock: Clock },
): Promise<Storage | undefined> {
  if (sampling.type !== 'adaptive') return undefined;
  const { type } = storage;
  if (type === 'none')
    throw new SpoorError(
      'SPOOR_INVALID_CONFIGURATION',
      'collectors that sample adaptively share a store, and storage.type is none: ' +
        'set --storage.type=elasticsearch or --storage.type=cassandra, or --sampling.type=file',
    );
  return openStorage({ ...storage, type }, { ...deps, readOnly: true });
}
