import type { Storage } from '@spoor/storage';
import { describeStorage, type StorageTraits } from '@spoor/storage/contract';
import type { LayoutName } from '@spoor/storage-elasticsearch';
import { afterAll, describe, test } from 'vitest';
import {
  foundOrSkipped,
  type Kafka,
  type OpenSharedStore,
  onCassandra,
  onElasticsearch,
  onOpenSearch,
  type SharedStore,
  startKafka,
} from '../../harness/index.ts';
import {
  CASSANDRA_TRAITS,
  configFor,
  createForTest as createCassandraStore,
  startForTest as startCassandraStore,
} from '../cassandra/open-cassandra.ts';
import {
  createForTest as createSearchStore,
  startForTest as startSearchStore,
  TRAITS,
} from '../elasticsearch/open-search-store.ts';
import { openThroughProcesses } from './open-pipeline.ts';

/** The spans of the suite began at a fixed time, which moves ever further into the past. */
const EVER = '36500d';

interface Case {
  readonly open: OpenSharedStore;
  readonly openDirectly: (store: SharedStore) => Promise<Storage>;
  readonly traits: Partial<StorageTraits>;
}

function onLayout(openStore: typeof onElasticsearch, layout: LayoutName): Case {
  return {
    open: () =>
      openStore({
        SPOOR_STORAGE_ELASTICSEARCH_LAYOUT: layout,
        SPOOR_STORAGE_ELASTICSEARCH_BULK_REFRESH: 'now',
        SPOOR_STORAGE_ELASTICSEARCH_OLDEST_SPAN_AGE: EVER,
        SPOOR_STORAGE_ELASTICSEARCH_MAX_SPAN_AGE: EVER,
      }),
    openDirectly: ({ settings }) =>
      startSearchStore(
        createSearchStore(
          settings['SPOOR_STORAGE_ELASTICSEARCH_SERVERS'] ?? '',
          {
            layout,
            indexPrefix: settings['SPOOR_STORAGE_ELASTICSEARCH_INDEX_PREFIX'] ?? '',
            createTemplates: false,
            oldestSpanAge: EVER,
          },
          { nowMs: Date.now },
        ),
      ),
    traits: TRAITS[layout],
  };
}

const onCassandraTables: Case = {
  open: () => onCassandra({ SPOOR_STORAGE_CASSANDRA_WRITE_LINGER: '0s' }),
  async openDirectly({ settings }) {
    const server = {
      host: settings['SPOOR_STORAGE_CASSANDRA_SERVERS'] ?? '',
      port: Number(settings['SPOOR_STORAGE_CASSANDRA_PORT']),
    };
    const store = createCassandraStore(configFor(server, settings['SPOOR_STORAGE_CASSANDRA_KEYSPACE'] ?? ''));
    await startCassandraStore(store);
    return store;
  },
  traits: CASSANDRA_TRAITS,
};

const STORES: Readonly<Record<string, Case>> = {
  'elasticsearch, layout spoor': onLayout(onElasticsearch, 'spoor'),
  'elasticsearch, layout jaeger': onLayout(onElasticsearch, 'jaeger'),
  'opensearch, layout spoor': onLayout(onOpenSearch, 'spoor'),
  'opensearch, layout jaeger': onLayout(onOpenSearch, 'jaeger'),
  cassandra: onCassandraTables,
};

/** Few, because each asks hundreds of questions; the suites of the stores have more. */
const SCENARIOS = 2;

const kafka = await startKafka();
afterAll(async () => {
  if ('found' in kafka) await kafka.found.stop();
});

for (const [name, { open, openDirectly, traits }] of Object.entries(STORES)) {
  const store = await open();
  afterAll(async () => {
    if ('found' in store) await store.found.close();
  });
  test(`there are a Kafka and a store for ${name}`, (context) => {
    foundOrSkipped<Kafka>(kafka, (note) => context.skip(note));
    foundOrSkipped<SharedStore>(store, (note) => context.skip(note));
  });

  describe.skipIf('missing' in kafka || 'missing' in store)('through collector, Kafka, ingester and query', () => {
    if (!('found' in kafka && 'found' in store)) return;
    describeStorage(name, {
      open: () => openThroughProcesses(kafka.found, store.found, openDirectly),
      traits: { ...traits, scenarios: SCENARIOS },
    });
  });
}
