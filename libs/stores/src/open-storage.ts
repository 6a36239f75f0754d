import type { Clock } from '@spoor/model';
import type { Storage } from '@spoor/storage';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { StorageConfig } from './config.ts';
import { openEmbedded } from './embedded.ts';

export interface StorageDependencies {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  /** For a process that only reads: a store that processes share is left as it is. Default false. */
  readonly readOnly?: boolean;
}

/** The store that the settings choose, not started. Only its own package is loaded: each brings a client with it. */
export async function openStorage(config: StorageConfig, deps: StorageDependencies): Promise<Storage> {
  switch (config.type) {
    case 'embedded':
      return openEmbedded(config.embedded, deps);
    case 'elasticsearch': {
      const { createElasticsearchStorage } = await import('@spoor/storage-elasticsearch');
      return createElasticsearchStorage(config.elasticsearch, deps);
    }
    case 'cassandra': {
      const { cassandraConfig, createCassandraStorage } = await import('@spoor/storage-cassandra');
      return createCassandraStorage(cassandraConfig(config.cassandra), deps);
    }
  }
}
