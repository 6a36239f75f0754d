import { createMetricsRegistry } from '@spoor/metrics';
import { type Clock, type Component, systemClock } from '@spoor/model';
import { createSelfTracing } from '@spoor/self-tracing';
import { createAdmin, createReadiness, createTenancy, inOrder, readyWhileStarted } from '@spoor/service';
import { openStorage } from '@spoor/stores';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { QueryProcessConfig } from './process-config.ts';
import { createQuery } from './query.ts';

export interface QueryProcessDependencies {
  readonly logger: Logger;
  readonly version: string;
  /** Where the built pages lie. */
  readonly uiDirectory: string;
  readonly clock?: Clock;
  readonly metrics?: Registry;
}

/** The query API and the pages alone, over a store that ingesters fill. It keeps nothing, so any number may run side by side. */
export async function createQueryProcess(
  config: QueryProcessConfig,
  { logger, version, uiDirectory, clock = systemClock, metrics = createMetricsRegistry() }: QueryProcessDependencies,
): Promise<Component> {
  const readiness = createReadiness();
  const tenancy = createTenancy(config.tenancy);
  const storage = await openStorage(config.storage, { logger, metrics, clock, readOnly: true });
  const { reader, dependencies, metrics: serviceMetrics, archive } = storage;
  const tracing = createSelfTracing(config.tracing, { logger, serviceName: 'spoor-query', version });
  const query = createQuery(config.query, {
    reader,
    dependencies,
    serviceMetrics,
    archive,
    logger,
    metrics,
    clock,
    tenancy,
    uiDirectory,
    tracing,
  });
  const admin = createAdmin(config.admin, { logger, metrics, clock, readiness, version, config });
  for (const part of [storage, query]) readiness.add(part.name, () => part.readiness());
  const all = inOrder('query process', [admin, storage, tracing, query], logger);
  return readyWhileStarted(all, readiness, () => {
    logger.info({ address: query.addresses().http, storage: config.storage.type }, 'the query API answers');
  });
}
