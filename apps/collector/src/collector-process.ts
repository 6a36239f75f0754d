import { createMetricsRegistry } from '@spoor/metrics';
import { type Clock, type Component, systemClock } from '@spoor/model';
import { createAdmin, createReadiness, createTenancy, inOrder, readyWhileStarted } from '@spoor/service';
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
export function createCollectorProcess(
  config: CollectorProcessConfig,
  { logger, version, clock = systemClock, metrics = createMetricsRegistry() }: CollectorProcessDependencies,
): Component {
  const readiness = createReadiness();
  const log = openKafkaLog(config.kafka, { logger, metrics, clock });
  const tenancy = createTenancy(config.tenancy);
  const sampling = createSampling(config.sampling, { logger });
  const { strategies } = sampling;
  const producer = log.producer();
  const collector = createCollector(config.collector, { producer, tenancy, clock, logger, metrics, strategies });
  const admin = createAdmin(config.admin, { logger, metrics, clock, readiness, version, config });
  readiness.add('kafka', () => log.readiness());
  for (const part of [sampling, collector]) readiness.add(part.name, () => part.readiness());
  // Stopped in reverse: senders get their answers while the log still writes.
  const all = inOrder('collector process', [admin, log, sampling, collector], logger);
  return readyWhileStarted(all, readiness, () => {
    logger.info({ brokers: config.kafka.brokers, topic: config.kafka.topic }, 'the collector takes spans');
  });
}
