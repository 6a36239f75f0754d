import { createMetricsRegistry } from '@spoor/metrics';
import { type Clock, type Component, systemClock } from '@spoor/model';
import { createAdmin, createReadiness, createTenancy, inOrder, readyWhileStarted } from '@spoor/service';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createCollector } from './collector.ts';
import { openKafkaLog } from './kafka-log.ts';
import type { CollectorProcessConfig } from './process-config.ts';

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
  const collector = createCollector(config.collector, { producer: log.producer(), tenancy, clock, logger, metrics });
  const admin = createAdmin(config.admin, { logger, metrics, clock, readiness, version, config });
  readiness.add('kafka', () => log.readiness());
  readiness.add(collector.name, () => collector.readiness());
  // Stopped in reverse: senders get their answers while the log still writes.
  const all = inOrder('collector process', [admin, log, collector], logger);
  return readyWhileStarted(all, readiness, () => {
    logger.info({ brokers: config.kafka.brokers, topic: config.kafka.topic }, 'the collector takes spans');
  });
}
