import { SpoorError } from '@spoor/model';
import { secret, section } from '@spoor/service';
import {
  createSearchServer,
  type ElasticsearchConfig,
  elasticsearchSettings,
  type LayoutName,
  type SearchServer,
} from '@spoor/storage-elasticsearch';
import { z } from 'zod';
import { type Command, type CommandCall, type Subject, subject } from '../command.ts';

/** What a command about indices is given. */
export interface SearchContext extends CommandCall {
  readonly server: SearchServer;
  readonly config: ElasticsearchConfig;
  /** Those that were asked for; without it all that there are. */
  readonly layout: LayoutName | undefined;
  readonly isArchive: boolean;
  /** Without the URL, which stands last where it is given. */
  readonly operands: readonly string[];
  /** Whether the URL was given. */
  readonly hasUrl: boolean;
  readonly timeoutMs: number;
  /** The life-cycle policy that rolls new indices over, if one shall. */
  readonly policy: string | undefined;
  readonly signal: AbortSignal;
}

/** Keeps the types of the flags together with the function that takes them. */
export function command<Flags extends z.core.$ZodLooseShape>(definition: Command<Flags, SearchContext>): Command {
  return definition as unknown as Command;
}

/** Those of the peer's maintenance tools, by which scripts that called them go on working (CONTRACT §5.7). */
export const PEER_VARIABLES = {
  'index-prefix': 'INDEX_PREFIX',
  'index-date-separator': 'INDEX_DATE_SEPARATOR',
  archive: 'ARCHIVE',
  timeout: 'TIMEOUT',
  rollover: 'ROLLOVER',
  shards: 'SHARDS',
  replicas: 'REPLICAS',
  conditions: 'CONDITIONS',
  unit: 'UNIT',
  'unit-count': 'UNIT_COUNT',
  'skip-dependencies': 'SKIP_DEPENDENCIES',
  'adaptive-sampling': 'ADAPTIVE_SAMPLING',
  'priority-span-template': 'PRIORITY_SPAN_TEMPLATE',
  'priority-service-template': 'PRIORITY_SERVICE_TEMPLATE',
  'priority-dependencies-template': 'PRIORITY_DEPENDENCIES_TEMPLATE',
  'priority-sampling-template': 'PRIORITY_SAMPLING_TEMPLATE',
} as const;

const text = (description: string) => z.string().min(1).optional().meta({ description });

const es = section({
  username: text('The user name; as storage.elasticsearch.username'),
  password: secret().optional().meta({ description: 'The password; as storage.elasticsearch.password' }),
  'token-file': text('The file with the bearer token; as storage.elasticsearch.tokenFile'),
  'api-key-file': text('The file with the API key; as storage.elasticsearch.apiKeyFile'),
  tls: section({
    enabled: z.boolean().default(false).meta({ description: 'Says nothing: https in the URL does' }),
    ca: text('As storage.elasticsearch.tls.ca'),
    cert: text('As storage.elasticsearch.tls.cert'),
    key: text('As storage.elasticsearch.tls.key'),
    'server-name': text('As storage.elasticsearch.tls.serverName'),
    'skip-host-verify': z.boolean().default(false).meta({ description: 'As storage.elasticsearch.tls.skipHostVerify' }),
  }),
  'use-ilm': z
    .boolean()
    .default(false)
    .meta({ description: 'New indices are rolled over by a life-cycle policy', env: ['ES_USE_ILM'] }),
  'ilm-policy-name': z
    .string()
    .min(1)
    .default('jaeger-ilm-policy')
    .meta({ description: 'The policy, which must exist', env: ['ES_ILM_POLICY_NAME'] }),
});

const settings = {
  storage: section({ elasticsearch: elasticsearchSettings }),
  layout: z.enum(['spoor', 'jaeger']).optional().meta({
    description: 'Only indices of this layout; without it list and clean take both, the others the one that is written',
  }),
  'index-prefix': z
    .string()
    .optional()
    .meta({ description: 'As storage.elasticsearch.indexPrefix', env: [PEER_VARIABLES['index-prefix']] }),
  'index-date-separator': z
    .enum(['-', '.', ''])
    .optional()
    .meta({
      description: 'As storage.elasticsearch.rotation.dateSeparator',
      env: [PEER_VARIABLES['index-date-separator']],
    }),
  archive: z
    .boolean()
    .default(false)
    .meta({ description: 'The indices of archived spans instead', env: [PEER_VARIABLES.archive] }),
  timeout: z
    .number()
    .int()
    .min(1)
    .default(120)
    .meta({ description: 'Seconds that the servers may take for a request', env: [PEER_VARIABLES.timeout] }),
  es,
};

type Settings = z.output<z.ZodObject<typeof settings>>;

/** The servers as every process has them, or as the peer's maintenance tools are told of them. */
export const searchDefinition: Subject<typeof settings, SearchContext> = {
  settings,
  readsVariable: (name) =>
    /^(SPOOR_STORAGE_ELASTICSEARCH|ES)_/.test(name) || Object.values<string>(PEER_VARIABLES).includes(name),
  partOf({ storage }) {
    const { elasticsearch } = (storage ?? {}) as { elasticsearch?: unknown };
    return { storage: { elasticsearch: elasticsearch ?? {} } };
  },
  open(given, call) {
    const last = call.operands.at(-1) ?? '';
    const isUrl = /^https?:\/\//.test(last);
    const config = configOf(given, isUrl ? last : undefined);
    const server = createSearchServer(config);
    const context: SearchContext = {
      ...call,
      operands: isUrl ? call.operands.slice(0, -1) : call.operands,
      hasUrl: isUrl,
      server,
      config,
      layout: given.layout,
      isArchive: given.archive,
      timeoutMs: given.timeout * 1_000,
      policy: given.es['use-ilm'] ? given.es['ilm-policy-name'] : config.rotation.policy,
      signal: new AbortController().signal,
    };
    return { context, close: async () => server.close() };
  },
};
export const searchSubject = subject(searchDefinition);

function configOf(given: Settings, url: string | undefined): ElasticsearchConfig {
  const { elasticsearch } = given.storage;
  // One with a login in it, which is not to be printed, is refused by the server's side.
  if (url !== undefined && !url.includes('@') && !URL.canParse(url))
    throw new SpoorError('SPOOR_INVALID_CONFIGURATION', `${url} is no URL`);
  return {
    ...elasticsearch,
    ...loginOf(given.es, elasticsearch),
    ...(url === undefined ? {} : { servers: [url], cloudId: undefined }),
    indexPrefix: given['index-prefix'] ?? elasticsearch.indexPrefix,
    timeout: given.timeout * 1_000,
    rotation: {
      ...elasticsearch.rotation,
      dateSeparator: given['index-date-separator'] ?? elasticsearch.rotation.dateSeparator,
    },
    tls: tlsOf(given.es.tls, elasticsearch.tls),
  };
}

/** A login of the command's own stands in place of the one of the settings. */
function loginOf(own: Settings['es'], elasticsearch: ElasticsearchConfig): Partial<ElasticsearchConfig> {
  const login = {
    username: own.username,
    password: own.password,
    passwordFile: undefined,
    tokenFile: own['token-file'],
    apiKey: undefined,
    apiKeyFile: own['api-key-file'],
  };
  const isGiven = Object.values(login).some((value) => value !== undefined);
  if (!isGiven) return {};
  // The password may come from the environment while the user name is a flag.
  return login.username === undefined || login.password !== undefined
    ? login
    : { ...login, password: elasticsearch.password, passwordFile: elasticsearch.passwordFile };
}

function tlsOf(own: Settings['es']['tls'], tls: ElasticsearchConfig['tls']): ElasticsearchConfig['tls'] {
  return {
    ca: own.ca ?? tls.ca,
    cert: own.cert ?? tls.cert,
    key: own.key ?? tls.key,
    serverName: own['server-name'] ?? tls.serverName,
    skipHostVerify: own['skip-host-verify'] || tls.skipHostVerify,
  };
}
