import type { Clock } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { DependencyReader, SpanReader, Storage } from '@spoor/storage';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createLayout, type ReadSource, readSources } from './layouts/layouts.ts';
import type { ElasticsearchConfig } from './settings.ts';
import { createSearchServer, type SearchServer } from './transport/search-server.ts';
import { createWriteSide } from './write-side.ts';

export interface ElasticsearchStorageDependencies {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
}

export interface ReadSideDependencies {
  readonly config: ElasticsearchConfig;
  readonly server: SearchServer;
  readonly sources: readonly ReadSource[];
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * The store on Elasticsearch or OpenSearch. `start` does not wait for the servers: readiness tells when they answer and the
 * indices may be written to, and nothing is written before. Throws `SPOOR_INVALID_CONFIGURATION`.
 */
export function createElasticsearchStorage(
  config: ElasticsearchConfig,
  { logger, metrics, clock }: ElasticsearchStorageDependencies,
): Storage {
  const server = createSearchServer(config);
  const sources = readSources(config, clock);
  const layouts = sources.map(({ layout }) => layout);
  const { writer, care, drain } = createWriteSide(config, createLayout(config.layout, config), layouts, {
    server,
    logger,
    metrics,
    clock,
  });
  const readSide: ReadSideDependencies = { config, server, sources, logger, clock };
  let stopping: Promise<void> | undefined;
  return {
    name: 'elasticsearch',
    writer,
    reader: createReader(readSide),
    dependencies: createDependencyReader(readSide),
    async start() {
      care.start();
    },
    stop(signal) {
      stopping ??= (async () => {
        await drain(signal);
        await care.stop();
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

function createReader(_deps: ReadSideDependencies): SpanReader {
  return {
    getTrace: notThereYet,
    findTraces: notThereYet,
    summariseTraces: notThereYet,
    getServices: notThereYet,
    getOperations: notThereYet,
  };
}

function createDependencyReader(_deps: ReadSideDependencies): DependencyReader {
  return { getDependencies: notThereYet };
}

function notThereYet(): never {
  throw new SpoorError('SPOOR_NOT_IMPLEMENTED', 'spans in Elasticsearch cannot be read yet');
}
