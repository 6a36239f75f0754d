import { SPAN_CODECS } from '@spoor/encodings';
import { createMetricsRegistry } from '@spoor/metrics';
import { type Clock, type Component, systemClock } from '@spoor/model';
import { createSelfTracing, tracedWriter } from '@spoor/self-tracing';
import { createAdmin, createReadiness, inOrder, readyWhileStarted } from '@spoor/service';
import { createKafkaSpanLog, kafkaOptionsOf } from '@spoor/span-log';
import { openStorage } from '@spoor/stores';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { checkedWriter } from './checked-writer.ts';
import { createIngester } from './ingester.ts';
import type { IngesterProcessConfig } from './process-config.ts';
import { createStoreWriter } from './store-writer.ts';

export interface IngesterProcessDependencies {
  readonly logger: Logger;
  readonly version: string;
  readonly clock?: Clock;
  readonly metrics?: Registry;
}

/** An ingester alone: Kafka in, a store that several processes share out. Those of one group share the partitions. */
export async function createIngesterProcess(
  config: IngesterProcessConfig,
  { logger, version, clock = systemClock, metrics = createMetricsRegistry() }: IngesterProcessDependencies,
): Promise<Component> {
  const readiness = createReadiness();
  const storage = await openStorage(config.storage, { logger, metrics, clock });
  const log = createKafkaSpanLog(kafkaOptionsOf(config.kafka), { logger, clock, metrics, codecs: SPAN_CODECS });
  // What lies in Kafka may have been written by anybody.
  const tracing = createSelfTracing(config.tracing, { logger, serviceName: 'spoor-ingester', version });
  const stored = createStoreWriter(config.ingester.metrics, {
    writer: tracedWriter(storage.writer, tracing),
    slices: storage.metricsSlices,
    log: config.kafka.topic,
    metrics,
  });
  const writer = checkedWriter(stored);
  const ingester = createIngester(config.ingester, { log, writer, logger, metrics });
  const admin = createAdmin(config.admin, { logger, metrics, clock, readiness, version, config });
  readiness.add('kafka', () => log.readiness());
  for (const part of [storage, ingester]) readiness.add(part.name, () => part.readiness());
  // Stopped in reverse: what was fetched is stored and committed while the log and the store still work.
  const all = inOrder('ingester process', [admin, storage, log, tracing, ingester], logger);
  return readyWhileStarted(all, readiness, () => {
    const { brokers, topic } = config.kafka;
    logger.info(
      { brokers, topic, group: config.ingester.group, storage: config.storage.type },
      'the ingester stores spans',
    );
  });
}
