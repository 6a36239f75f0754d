import { byteSize, duration, optionalClientTlsSettings, readOptionalClientTls, secret, section } from '@spoor/service';
import { z } from 'zod';
import type { CassandraStorageConfig } from './config.ts';
import { CONSISTENCY_LEVELS } from './config.ts';

/** What an unquoted or quoted name of CQL may be, of those that need no thought. */
const KEYSPACE = /^[A-Za-z][A-Za-z0-9_]{0,47}$/;
const MAX_KEYSPACE_LENGTH = 48;
const KEYSPACE_FORM = 'begins with a letter and has at most 48 letters, digits and underscores';

/** Cassandra knows whole seconds, and no more than 20 years of them. */
const MAX_TTL_MS = 7_300 * 86_400_000;
const timeToLive = (byDefault: string) =>
  duration()
    .prefault(byDefault)
    .refine((ms) => ms === 0 || ms >= 1_000, 'is 0 (for ever), or from 1s on')
    .refine((ms) => ms <= MAX_TTL_MS, 'is at most 20 years (7300d), which is as far as Cassandra goes; 0 is for ever');

const text = () => z.string().min(1).optional();
const count = (least: number) => z.number().int().min(least);
const names = () => z.array(z.string().min(1)).default([]);
const LEVELS = `one of ${CONSISTENCY_LEVELS.join(', ')}`;
const level = () =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.toUpperCase().replaceAll('-', '_') : value),
    z.enum(CONSISTENCY_LEVELS),
  );

const index = section({
  tags: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether tags of spans are indexed', env: ['CASSANDRA_INDEX_TAGS'] }),
  processTags: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether attributes of resources are indexed', env: ['CASSANDRA_INDEX_PROCESS_TAGS'] }),
  logs: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether attributes of events are indexed', env: ['CASSANDRA_INDEX_LOGS'] }),
  durations: z.boolean().default(true).meta({ description: 'Whether durations are indexed' }),
  include: names().meta({
    description: 'The only tags that are indexed; none: all',
    env: ['CASSANDRA_INDEX_TAG_WHITELIST'],
  }),
  exclude: names().meta({ description: 'Tags that are not indexed', env: ['CASSANDRA_INDEX_TAG_BLACKLIST'] }),
}).refine(({ include, exclude }) => include.length === 0 || exclude.length === 0, {
  message: 'takes either include or exclude, not both',
});

const write = section({
  maxQueueBytes: byteSize()
    .prefault('64MiB')
    .meta({ description: 'Bytes of spans that may wait to be written; beyond it the storage refuses' }),
  linger: duration()
    .prefault('500ms')
    .meta({ description: 'How long spans wait for others to be written with; the more, the less each of them costs' }),
  maxFlushSpans: count(1)
    .default(5_000)
    .meta({ description: 'Spans whose rows are grouped; the more, the fewer requests each of them costs' }),
  maxConcurrency: count(1)
    .max(1024)
    .default(64)
    .meta({ description: 'Requests at once; fewer while the servers are slow' }),
  maxAttempts: count(0)
    .default(5)
    .meta({
      description:
        'Times that a request is sent before the trouble is told, at least once; the ingester then goes on trying',
      env: ['CASSANDRA_MAX_RETRY_ATTEMPTS'],
    }),
  namesCacheTtl: duration()
    .prefault('12h')
    .meta({
      description: 'How long services and operations that were written are not written again',
      env: ['CASSANDRA_SPAN_STORE_WRITE_CACHE_TTL'],
    }),
});

const read = section({
  maxRows: count(1_000)
    .default(200_000)
    .meta({ description: 'Rows that one search may read; what needs more is refused, or told to be incomplete' }),
  maxServices: count(1).default(50).meta({ description: 'Services that a search without a service goes through' }),
  maxConcurrency: count(1).max(1024).default(32).meta({ description: 'Requests that read at once' }),
});

const schema = section({
  create: z.boolean().default(false).meta({ description: 'Whether keyspace, types and tables are created at start' }),
  datacenters: z
    .record(z.string().min(1), count(1))
    .default({})
    .meta({ description: 'Replicas in each data centre (NetworkTopologyStrategy); none: replicationFactor counts' }),
  replicationFactor: count(1).default(1).meta({ description: 'Replicas, wherever they are (SimpleStrategy)' }),
  traceTtl: timeToLive('2d').meta({ description: 'How long spans are kept' }),
  dependenciesTtl: timeToLive('0').meta({ description: 'How long dependencies are kept; 0: for ever' }),
  compactionWindow: duration()
    .optional()
    .meta({ description: 'The time whose spans are compacted together; by default a thirtieth of traceTtl' }),
});

/** The settings under `storage.cassandra`. */
export const cassandraSettings = section({
  servers: z
    .array(z.string().min(1))
    .min(1)
    .default(['127.0.0.1'])
    .meta({ description: 'Hosts that tell of all the others', env: ['CASSANDRA_SERVERS'] }),
  port: count(1)
    .max(65_535)
    .default(9042)
    .meta({ description: 'The port of every host', env: ['CASSANDRA_PORT'] }),
  keyspace: z
    .string()
    .regex(KEYSPACE, KEYSPACE_FORM)
    .default('jaeger_v1_test')
    .meta({ description: 'The keyspace', env: ['CASSANDRA_KEYSPACE'] }),
  localDatacenter: text().meta({
    description: 'The data centre whose hosts are asked; by default that of the first server that answers',
    env: ['CASSANDRA_LOCAL_DC'],
  }),
  username: text().meta({ description: 'The user name', env: ['CASSANDRA_USERNAME'] }),
  password: secret()
    .optional()
    .meta({ description: 'The password of the user name', env: ['CASSANDRA_PASSWORD'] }),
  tls: section(optionalClientTlsSettings('servers', ['CASSANDRA'])),
  consistency: level()
    .default('LOCAL_QUORUM')
    .meta({
      description: 'How many replicas must have a span before it is acknowledged, and must agree on what is read',
      accepts: LEVELS,
      env: ['CASSANDRA_CONSISTENCY'],
    }),
  readConsistency: level().optional().meta({ description: 'Another level for reading alone', accepts: LEVELS }),
  writeConsistency: level().optional().meta({ description: 'Another level for writing alone', accepts: LEVELS }),
  connectTimeout: duration()
    .prefault('5s')
    .meta({ description: 'How long a connection may take', env: ['CASSANDRA_CONNECT_TIMEOUT'] }),
  timeout: duration()
    .prefault('12s')
    .meta({ description: 'How long a request may take', env: ['CASSANDRA_TIMEOUT'] }),
  reconnectInterval: duration()
    .prefault('1m')
    .meta({
      description: 'How far the waits between attempts to reach a host that is down may grow',
      env: ['CASSANDRA_RECONNECT_INTERVAL'],
    }),
  connectionsPerHost: count(1)
    .max(64)
    .default(2)
    .meta({ description: 'Connections to each host of the data centre', env: ['CASSANDRA_CONNECTIONS_PER_HOST'] }),
  index,
  write,
  read,
  schema,
  archive: section({
    enabled: z
      .boolean()
      .default(false)
      .meta({
        description: 'Whether traces can be archived, and are looked for there',
        env: ['CASSANDRA_ARCHIVE_ENABLED'],
      }),
    keyspace: z
      .string()
      .regex(KEYSPACE, KEYSPACE_FORM)
      .optional()
      .meta({
        description: 'The keyspace of archived traces; by default that of all others with _archive behind it',
        env: ['CASSANDRA_ARCHIVE_KEYSPACE'],
      }),
  }),
}).superRefine(({ keyspace, archive, username, password }, { addIssue }) => {
  const refuse = (path: string[], message: string) => addIssue({ code: 'custom', path, message });
  if (password !== undefined && username === undefined)
    refuse(['password'], 'is of no use without a username: set storage.cassandra.username, too');
  if (!archive.enabled) return;
  const archived = archiveKeyspace(keyspace, archive);
  if (archived === keyspace)
    refuse(['archive', 'keyspace'], 'must be another keyspace than keyspace: in that one spans end');
  if (archived.length > MAX_KEYSPACE_LENGTH)
    refuse(
      ['keyspace'],
      `is too long for the keyspace of archived traces, ${archived}: Cassandra takes ${MAX_KEYSPACE_LENGTH} characters; shorten it, or name storage.cassandra.archive.keyspace`,
    );
});

function archiveKeyspace(keyspace: string, archive: { readonly keyspace?: string | undefined }): string {
  return archive.keyspace ?? `${keyspace}_archive`;
}

export type CassandraSettings = z.output<typeof cassandraSettings>;

/** What the settings mean to the store. */
export function cassandraConfig(settings: CassandraSettings): CassandraStorageConfig {
  const { localDatacenter, username, password, index: indexed, schema: wanted, tls: encryption, archive } = settings;
  const { compactionWindow } = wanted;
  const tls = readOptionalClientTls('storage.cassandra.tls', encryption);
  return {
    servers: settings.servers,
    port: settings.port,
    keyspace: settings.keyspace,
    ...(localDatacenter === undefined ? {} : { localDatacenter }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(tls === undefined ? {} : { tls }),
    ...(archive.enabled ? { archive: { keyspace: archiveKeyspace(settings.keyspace, archive) } } : {}),
    connectTimeoutMs: settings.connectTimeout,
    timeoutMs: settings.timeout,
    reconnectIntervalMs: settings.reconnectInterval,
    connectionsPerHost: settings.connectionsPerHost,
    readConsistency: settings.readConsistency ?? settings.consistency,
    writeConsistency: settings.writeConsistency ?? settings.consistency,
    write: {
      maxQueueBytes: settings.write.maxQueueBytes,
      lingerMs: settings.write.linger,
      maxFlushSpans: settings.write.maxFlushSpans,
      maxConcurrency: settings.write.maxConcurrency,
      maxAttempts: Math.max(1, settings.write.maxAttempts),
      namesCacheTtlMs: settings.write.namesCacheTtl,
      tags: {
        spanTags: indexed.tags,
        processTags: indexed.processTags,
        logs: indexed.logs,
        include: indexed.include,
        exclude: indexed.exclude,
      },
      durations: indexed.durations,
    },
    read: settings.read,
    schema: {
      create: wanted.create,
      datacenters: wanted.datacenters,
      replicationFactor: wanted.replicationFactor,
      traceTtlMs: wanted.traceTtl,
      dependenciesTtlMs: wanted.dependenciesTtl,
      ...(compactionWindow === undefined ? {} : { compactionWindowMs: compactionWindow }),
    },
  };
}
