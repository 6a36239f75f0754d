import type { Tag } from './logfmt.ts';

/** Keys of the OpenTelemetry semantic conventions that people search by, with the values that have a closed set. */
const knownTags: Readonly<Record<string, readonly string[]>> = {
  error: ['true', 'false'],
  'span.kind': ['client', 'server', 'internal', 'producer', 'consumer'],
  'error.type': ['timeout', '500', '503'],
  'http.request.method': ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
  'http.response.status_code': [
    '200',
    '201',
    '204',
    '301',
    '302',
    '400',
    '401',
    '403',
    '404',
    '409',
    '429',
    '500',
    '502',
    '503',
    '504',
  ],
  'http.route': [],
  'url.path': [],
  'url.full': [],
  'url.scheme': ['http', 'https'],
  'server.address': [],
  'server.port': [],
  'client.address': [],
  'network.protocol.name': ['http', 'amqp', 'mqtt'],
  'network.protocol.version': ['1.1', '2', '3'],
  'network.peer.address': [],
  'user_agent.original': [],
  'rpc.system': ['grpc', 'connect_rpc', 'jsonrpc', 'apache_dubbo'],
  'rpc.service': [],
  'rpc.method': [],
  'rpc.grpc.status_code': Array.from({ length: 17 }, (_, code) => String(code)),
  'db.system.name': [
    'postgresql',
    'mysql',
    'mariadb',
    'microsoft.sql_server',
    'mongodb',
    'redis',
    'elasticsearch',
    'cassandra',
  ],
  'db.namespace': [],
  'db.collection.name': [],
  'db.operation.name': ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'findAndModify'],
  'db.query.text': [],
  'messaging.system': ['kafka', 'rabbitmq', 'aws_sqs', 'gcp_pubsub', 'servicebus', 'pulsar'],
  'messaging.destination.name': [],
  'messaging.operation.type': ['create', 'send', 'receive', 'process', 'settle'],
  'messaging.consumer.group.name': [],
  'exception.type': [],
  'exception.message': [],
  'code.function.name': [],
  'enduser.id': [],
  'user.id': [],
  'session.id': [],
  'feature_flag.key': [],
  'service.version': [],
  'service.namespace': [],
  'service.instance.id': [],
  'deployment.environment.name': ['production', 'staging', 'test', 'development'],
  'host.name': [],
  'container.id': [],
  'k8s.namespace.name': [],
  'k8s.pod.name': [],
  'k8s.deployment.name': [],
  'k8s.node.name': [],
  'cloud.region': [],
  'telemetry.sdk.language': [
    'cpp',
    'dotnet',
    'erlang',
    'go',
    'java',
    'nodejs',
    'php',
    'python',
    'ruby',
    'rust',
    'swift',
    'webjs',
  ],
  'http.method': ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  'http.status_code': ['200', '400', '404', '500', '503'],
  'http.url': [],
  'http.target': [],
  'db.system': ['postgresql', 'mysql', 'mongodb', 'redis', 'elasticsearch', 'cassandra'],
  'db.statement': [],
  'deployment.environment': ['production', 'staging', 'test', 'development'],
};

const storageKey = 'spoor.tags';
const maxRemembered = 200;

function readRemembered(): readonly Tag[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.flatMap((entry: unknown) =>
      Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string'
        ? [{ key: entry[0], value: entry[1] }]
        : [],
    );
  } catch {
    return [];
  }
}

let remembered: readonly Tag[] | undefined;

/** The tags that this browser searched for, the latest first. */
function rememberedTags(): readonly Tag[] {
  remembered ??= readRemembered();
  return remembered;
}

/** Offers these first from now on. */
export function rememberTags(tags: readonly Tag[]): void {
  const isNew = (old: Tag) => !tags.some((tag) => tag.key === old.key && tag.value === old.value);
  remembered = [...tags, ...rememberedTags().filter(isNew)].slice(0, maxRemembered);
  try {
    localStorage.setItem(storageKey, JSON.stringify(remembered.map(({ key, value }) => [key, value])));
  } catch {
    // Storage may be full or forbidden; then they last as long as the page.
  }
}

export function suggestKeys(): readonly string[] {
  return [...new Set([...rememberedTags().map((tag) => tag.key), ...Object.keys(knownTags)])];
}

export function suggestValues(key: string): readonly string[] {
  const seen = rememberedTags().filter((tag) => tag.key === key);
  return [
    ...new Set([...seen.map((tag) => tag.value), ...(Object.hasOwn(knownTags, key) ? (knownTags[key] ?? []) : [])]),
  ];
}
