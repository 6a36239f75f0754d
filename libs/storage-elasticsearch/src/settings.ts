import { byteSize, clientTlsSettings, duration, secret, secretHeaders, section } from '@spoor/service';
import { z } from 'zod';

export const LAYOUT_NAMES = ['spoor', 'jaeger'] as const;
export type LayoutName = (typeof LAYOUT_NAMES)[number];

/** What Elasticsearch takes in the name of an index, apart from the characters that names may not begin with. */
const PREFIX = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const filePath = () => z.string().min(1).optional();
const count = (least: number) => z.number().int().min(least);

/** Also of what is wrong otherwise: advice that does not come is a password that stays in a file. */
export const LOGIN_IN_URL =
  'a URL with a login in it, which is not sent; give it as storage.elasticsearch.username and password or passwordFile';

const serverUrl = z
  .string()
  .refine((url) => !url.includes('@'), LOGIN_IN_URL)
  .regex(
    /^https?:\/\/[^\s/?#,]+(\/[^\s?#,]*)?$/,
    'must be http://host:port or https://host:port, a path behind it or none',
  );

const bulk = section({
  maxBytes: byteSize()
    .prefault('5000000')
    .meta({
      description: 'The largest bulk request; below it the size follows how fast the servers are',
      env: ['ES_BULK_SIZE'],
    }),
  concurrency: count(1)
    .max(64)
    .default(4)
    .meta({ description: 'Bulk requests at once; fewer while the servers refuse', env: ['ES_BULK_WORKERS'] }),
  maxHeldBytes: byteSize()
    .prefault('32MiB')
    .meta({ description: 'Bytes of documents that may wait for the servers; beyond it writers wait' }),
  retryFor: duration().prefault('5s').meta({
    description: 'How long what failed is sent again before the trouble is told; the ingester then goes on trying',
  }),
  refresh: z.enum(['none', 'wait', 'now']).default('none').meta({
    description:
      'Whether spans can be found when they are acknowledged (wait for the next refresh, or refresh now), or within the refresh interval (none)',
  }),
});

/** How what follows the stem in the name of an index is made (CONTRACT §5.1). */
export const ROTATION_TYPES = ['periodic', 'alias', 'data_stream'] as const;
export type RotationType = (typeof ROTATION_TYPES)[number];
const DATE_SEPARATORS = ['-', '.', ''] as const;

const indexPrefix = () =>
  z.union([z.literal(''), z.string().regex(PREFIX, 'must be lower-case letters, digits, dots, dashes or underscores')]);

/** The peer's switch says whether there are aliases. */
function asRotation(value: unknown): unknown {
  if (value === true || value === 'true') return 'alias';
  return value === false || value === 'false' ? 'periodic' : value;
}

/** The peer's switch means the one policy that its processes know (CONTRACT §5.7). */
const PEER_POLICY = 'jaeger-ilm-policy';

function asPolicy(value: unknown): unknown {
  if (value === true || value === 'true') return PEER_POLICY;
  return value === false || value === 'false' ? undefined : value;
}

function frequency(description: string, kind: string) {
  return z
    .enum(['day', 'hour'])
    .default('day')
    .meta({ description, env: [`ES_INDEX_ROLLOVER_FREQUENCY_${kind}`] });
}

const rotation = section({
  type: z
    .preprocess(asRotation, z.enum(ROTATION_TYPES))
    .prefault('periodic')
    .meta({
      description:
        'An index a day or hour (periodic), write and read aliases over numbered indices (alias), or a data stream for the spans and an index a day or hour for the rest (data_stream)',
      env: ['ES_USE_ALIASES'],
    }),
  frequency: frequency('What a periodic index of spans holds', 'SPANS'),
  serviceFrequency: frequency('What a periodic index of services and operations holds', 'SERVICES'),
  samplingFrequency: frequency('What a periodic index of samplings holds', 'ADAPTIVE_SAMPLING'),
  dateSeparator: z
    .enum(DATE_SEPARATORS)
    .default('-')
    .meta({ description: 'What stands between year, month and day', env: ['ES_INDEX_DATE_SEPARATOR'] }),
  maxAge: duration()
    .prefault('1d')
    .meta({ description: 'With aliases and data streams: the age at which a new index is begun; 0 is no bound' }),
  maxBytes: byteSize().prefault('50GB').meta({
    description:
      'With aliases and data streams: the size of its primary shards at which a new index is begun; 0 is no bound',
  }),
  maxDocuments: count(0)
    .default(0)
    .meta({ description: 'With aliases and data streams: the documents at which a new index is begun; 0 is no bound' }),
  policy: z
    .preprocess(asPolicy, z.string().min(1).optional())
    .optional()
    .meta({
      description: `The life-cycle policy (ILM, ISM) that new indices get; it must exist. With it rolling over is left to it. ES_USE_ILM=true means ${PEER_POLICY}`,
      accepts: 'text',
      env: ['ES_USE_ILM'],
    }),
});

/** Where a layout lies that is read: it may have been written with other settings, or by a Jaeger. */
function reading(layout: LayoutName) {
  const of = `of the layout ${layout} that are read`;
  return section({
    rotations: z
      .array(z.enum(ROTATION_TYPES))
      .default([])
      .meta({
        description: `How the indices ${of} are named, as rotation.type, also several at once; without it by date and behind aliases, whichever there are, and in the data stream if rotation.type is that`,
        accepts: `a list of ${ROTATION_TYPES.join(', ')}; separated by commas in flags and environment`,
      }),
    indexPrefix: indexPrefix()
      .optional()
      .meta({
        description: `What the names of indices ${of} begin with; without it indexPrefix`,
        accepts: 'text',
      }),
    dateSeparator: z
      .enum(DATE_SEPARATORS)
      .optional()
      .meta({
        description: `What stands between year, month and day of indices ${of}; without it rotation.dateSeparator`,
      }),
  });
}

/** The peer's, spelt right and as the peer spells it (CONTRACT §11.1). */
function priorityVariables(kind: string): string[] {
  return [`ES_PRIORITY_${kind}_TEMPLATE`, `ES_PRIOIRITY_${kind}_TEMPLATE`];
}

/** Where servers are that nobody told about. */
export const DEFAULT_SERVERS = ['http://127.0.0.1:9200'];

/** Spans that are older share an index, unless retention keeps them longer. */
const OLDEST_SPAN_AGE_MS = 30 * 86_400_000;

/** The settings under `storage.elasticsearch`. */
export const elasticsearchSettings = section({
  servers: z
    .array(serverUrl)
    .min(1)
    .default(DEFAULT_SERVERS)
    .meta({
      description: 'The nodes of Elasticsearch or OpenSearch; requests are spread over them',
      accepts: 'a list of URLs; separated by commas in flags and environment',
      env: ['ES_SERVER_URLS'],
    }),
  sniff: section({
    enabled: z
      .boolean()
      .default(false)
      .meta({
        description:
          'Whether the servers are asked for the other nodes of their cluster, which then take turns as well',
        env: ['ES_SNIFFER'],
      }),
    interval: duration().prefault('5m').meta({ description: 'How often; and soon after a node did not answer' }),
  }),
  cloudId: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The id of an Elastic Cloud deployment, instead of servers' }),
  version: z
    .preprocess(
      (value) => (typeof value === 'number' ? String(value) : value),
      z.enum(['0', '7', '8', '9', '101', '102', '103']),
    )
    .prefault('0')
    .meta({
      description: 'Elasticsearch 7 to 9 or OpenSearch 1 to 3 (101 to 103); 0 asks the servers',
      env: ['ES_VERSION'],
    }),
  username: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The user name', env: ['ES_USERNAME'] }),
  password: secret()
    .optional()
    .meta({ description: 'The password of the user name', env: ['ES_PASSWORD'] }),
  passwordFile: filePath().meta({
    description: 'The file with the password; read again when it changed',
    env: ['ES_PASSWORD_FILE'],
  }),
  apiKey: secret()
    .optional()
    .meta({ description: 'An API key in its encoded form', env: ['ES_API_KEY'] }),
  apiKeyFile: filePath().meta({
    description: 'The file with the API key; read again when it changed',
    env: ['ES_API_KEY_FILE'],
  }),
  tokenFile: filePath().meta({
    description: 'The file with the bearer token; read again when it changed',
    env: ['ES_TOKEN_FILE'],
  }),
  headers: secretHeaders().meta({ description: 'Headers that every request carries' }),
  tls: section(clientTlsSettings('servers', ['ES'])),
  timeout: duration()
    .prefault('30s')
    .meta({ description: 'How long the answer to a request may take', env: ['ES_TIMEOUT'] }),
  gzip: z.boolean().default(false).meta({
    description: 'Whether bodies are compressed; worth its CPU where the network is slow or paid for',
  }),
  indexPrefix: indexPrefix()
    .default('')
    .meta({ description: 'What the name of every index begins with', accepts: 'text', env: ['ES_INDEX_PREFIX'] }),
  layout: z.enum(LAYOUT_NAMES).default('spoor').meta({
    description: 'What is written: one flat document a span (spoor), or what a Jaeger reads and writes (jaeger)',
  }),
  readLayouts: z
    .array(z.enum(LAYOUT_NAMES))
    .default([])
    .meta({ description: 'What is read, also several at once; without it what is written' }),
  reading: section({ spoor: reading('spoor'), jaeger: reading('jaeger') }),
  remoteClusters: z
    .array(z.string().min(1))
    .default([])
    .meta({ description: 'Names of remote clusters that are read as well', env: ['ES_REMOTE_READ_CLUSTERS'] }),
  rotation,
  createTemplates: z
    .boolean()
    .default(true)
    .meta({
      description: 'Whether the index templates are put and kept as they must be',
      env: ['ES_CREATE_INDEX_TEMPLATES'],
    }),
  shards: count(1)
    .default(5)
    .meta({ description: 'Primary shards of a new index', env: ['ES_NUM_SHARDS'] }),
  replicas: count(0)
    .default(1)
    .meta({ description: 'Copies of each shard of a new index', env: ['ES_NUM_REPLICAS'] }),
  templatePriority: count(0)
    .default(0)
    .meta({ description: 'Of the index templates', env: priorityVariables('SPAN') }),
  serviceTemplatePriority: count(0)
    .optional()
    .meta({ description: 'Of the one of services; without it templatePriority', env: priorityVariables('SERVICE') }),
  dependenciesTemplatePriority: count(0)
    .optional()
    .meta({
      description: 'Of the one of dependencies; without it templatePriority',
      env: priorityVariables('DEPENDENCIES'),
    }),
  refreshInterval: duration()
    .prefault('5s')
    .meta({ description: 'After which spans can be found; of new indices of the layout spoor' }),
  oldestSpanAge: duration().optional().meta({
    description:
      'Spans that began longer ago share the index of 1970-01-01; without it 30d, or retention.maxAge where that is longer. Not less than retention.maxAge, which counts the age of that index from when it was made',
  }),
  maxFuture: duration()
    .prefault('24h')
    .meta({ description: 'Spans that begin or end further in the future are set aside' }),
  pageKeepAlive: duration()
    .prefault('5m')
    .meta({ description: 'How long the servers keep what the next pages of a search are read from' }),
  maxSpanAge: duration()
    .prefault('72h')
    .meta({
      description: 'How far back services and operations are looked for in the layout jaeger',
      env: ['ES_MAX_SPAN_AGE'],
    }),
  dependencies: section({
    source: z.enum(['spans', 'documents']).default('spans').meta({
      description:
        'Where calls between services are from: the spans, and days that Spoor has counted (spans), or all that is stored, by jobs of a Jaeger too (documents)',
    }),
    write: z.boolean().default(false).meta({
      description:
        'Whether days that are over are counted and stored, by one of the processes that write; costs a reading of all their spans',
    }),
    delay: duration()
      .prefault('1h')
      .meta({ description: 'How long a day must be over before it is counted, for the spans that come late' }),
  }),
  serviceCacheTtl: duration()
    .prefault('12h')
    .meta({ description: 'How long a service and operation count as written', env: ['ES_SERVICE_CACHE_TTL'] }),
  tagsAsFields: section({
    all: z
      .boolean()
      .default(false)
      .meta({ description: 'Layout jaeger: all tags become fields', env: ['ES_TAGS_AS_FIELDS_ALL'] }),
    include: z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'Layout jaeger: tags that become fields', env: ['ES_TAGS_AS_FIELDS_INCLUDE'] }),
    configFile: filePath().meta({
      description: 'Layout jaeger: a file with more tags that become fields, one a line; read at the start',
      env: ['ES_TAGS_AS_FIELDS_CONFIG_FILE'],
    }),
    dotReplacement: z
      .string()
      .length(1)
      .default('@')
      .meta({
        description: 'Layout jaeger: what stands for a dot in the names of such fields',
        env: ['ES_TAGS_AS_FIELDS_DOT_REPLACEMENT'],
      }),
  }),
  bulk,
  retention: section({
    maxAge: duration().prefault('0').meta({
      description: 'Indices all of whose spans and whose creation are older are deleted; 0 keeps them',
    }),
    maxBytes: byteSize().prefault('0').meta({
      description:
        'Above this size of all indices, of spans and of every other kind that Spoor keeps, copies included, the oldest are deleted; 0 is no bound. The archive does not count',
    }),
  }),
  archive: section({
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether traces can be archived, and are looked for there', env: ['ES_ARCHIVE_ENABLED'] }),
  }),
  careInterval: duration()
    .prefault('5m')
    .meta({ description: 'How often templates are checked, indices rolled over and old ones deleted' }),
}).transform((given) => ({
  ...given,
  oldestSpanAge: given.oldestSpanAge ?? Math.max(OLDEST_SPAN_AGE_MS, given.retention.maxAge),
}));

export type ElasticsearchConfig = z.output<typeof elasticsearchSettings>;

/** A configuration with every setting that is not given at its default. Throws what zod throws. */
export function elasticsearchConfig(given: z.input<typeof elasticsearchSettings>): ElasticsearchConfig {
  return elasticsearchSettings.parse(given);
}
