import { section } from '@spoor/service';
import { cassandraConfig, cassandraSettings } from '@spoor/storage-cassandra';
import { elasticsearchSettings } from '@spoor/storage-elasticsearch';
import { type Subject, subject } from '../command.ts';
import { searchDefinition } from '../indices/search-command.ts';
import { computeDependencies, type DependencyContext } from './compute.ts';

/** Of the peer's job, beside those that begin with `ES_` or `CASSANDRA_` (CONTRACT §8.2). */
const JOB_VARIABLES: readonly string[] = ['DATE', 'STORAGE'];

/** What the peer's job calls otherwise than its other processes. */
const RENAMED: Readonly<Record<string, string>> = {
  CASSANDRA_CONTACT_POINTS: 'CASSANDRA_SERVERS',
  CASSANDRA_USE_SSL: 'CASSANDRA_TLS_ENABLED',
};

const settings = {
  ...searchDefinition.settings,
  storage: section({ elasticsearch: elasticsearchSettings, cassandra: cassandraSettings }),
};

/** As for indices, or for a schema; what the peer's job is told of OpenSearch means the same as of Elasticsearch. */
const definition: Subject<typeof settings, DependencyContext> = {
  settings,
  readsVariable: (name) =>
    searchDefinition.readsVariable(name) ||
    JOB_VARIABLES.includes(name) ||
    /^(SPOOR_STORAGE_CASSANDRA|CASSANDRA)_/.test(name),
  renamed: (name) => RENAMED[name] ?? name.replace(/^OS_/, 'ES_'),
  partOf({ storage }) {
    const { elasticsearch, cassandra } = (storage ?? {}) as { elasticsearch?: unknown; cassandra?: unknown };
    return { storage: { elasticsearch: elasticsearch ?? {}, cassandra: cassandra ?? {} } };
  },
  open(given, call) {
    const { context, close } = searchDefinition.open(given, call);
    return { context: { ...context, cassandra: () => cassandraConfig(given.storage.cassandra) }, close };
  },
};
export const dependenciesSubject = subject(definition);

export const dependenciesCommands = { compute: computeDependencies };
