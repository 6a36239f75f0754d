import type { Clock } from '@spoor/model';
import type { LeaseStore, MetricsReader, MetricsSliceStore, SamplingStore, Storage } from '@spoor/storage';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createArchiveStore } from './archive/archive-store.ts';
import { createDependencyCare } from './care/dependency-care.ts';
import { createLayout, readSources } from './layouts/layouts.ts';
import { createMetricsReader } from './metrics/metrics-reader.ts';
import { readSlices } from './metrics/read-slices.ts';
import { metricsNames } from './metrics/slice-names.ts';
import { createReader } from './reader/reader.ts';
import { createLeaseStore } from './sampling/lease-store.ts';
import { createSamplingStore } from './sampling/sampling-store.ts';
import type { ElasticsearchConfig } from './settings.ts';
import { demandSense } from './settings-sense.ts';
import { createSearchServer } from './transport/search-server.ts';
import { createWriteSide } from './write-side.ts';

export interface ElasticsearchStorageDependencies {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  /** For a process that only reads: nothing is made, changed or deleted. Default false. */
  readonly readOnly?: boolean;
}

/** A store with metrics, and with what adaptive samplers share. */
export interface ElasticsearchStorage extends Storage {
  readonly metrics: MetricsReader;
  readonly metricsSlices: MetricsSliceStore;
  readonly sampling: SamplingStore;
  readonly leases: LeaseStore;
}

/**
 * The store on Elasticsearch or OpenSearch. `start` does not wait for the servers: readiness tells when they answer and the
 * indices may be written to, and nothing is written before. Throws `SPOOR_INVALID_CONFIGURATION`.
 */
export function createElasticsearchStorage(
  config: ElasticsearchConfig,
  { logger, metrics, clock, readOnly = false }: ElasticsearchStorageDependencies,
): ElasticsearchStorage {
  demandSense(config);
  const server = createSearchServer(config);
  const sources = readSources(config, clock);
  const layouts = sources.map(({ layout }) => layout);
  const { writer, slices, care, drain } = createWriteSide(config, createLayout(config.layout, config), layouts, {
    server,
    logger,
    metrics,
    clock,
    readOnly,
  });
  const { reader, dependencies, counted } = createReader(config, sources, { server, clock });
  const dependencyCare =
    config.dependencies.write && !readOnly
      ? createDependencyCare(config, counted, { server, logger, metrics })
      : undefined;
  const names = metricsNames(config, clock);
  let stopping: Promise<void> | undefined;
  return {
    name: 'elasticsearch',
    writer,
    reader,
    dependencies,
    metrics: createMetricsReader(server, names),
    metricsSlices: {
      getSlices: (keys, signal) => readSlices({ server, names }, keys, signal),
      putSlices: (all, signal) => slices.put(all, signal),
    },
    archive: config.archive.enabled ? createArchiveStore(config, { server, clock }) : undefined,
    sampling: createSamplingStore(config, { server, clock }),
    leases: createLeaseStore(config, { server, clock }),
    async start() {
      care.start();
      dependencyCare?.start();
    },
    stop(signal) {
      stopping ??= (async () => {
        const counting = dependencyCare?.stop();
        await drain(signal);
        await care.stop();
        await counting;
        server.close();
      })();
      return stopping;
    },
    readiness() {
      const { reason } = care;
      return reason === undefined ? { ready: true } : { ready: false, reason };
    },
  };
}
