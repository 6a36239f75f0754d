import type { Attribute, Resource, Scope, Span, SpanKind } from '@spoor/model';
import { type RandomNumbers, randomNumbers } from '../fixtures/random-numbers.ts';

export interface ProductionSpanOptions {
  /** Equal seeds give equal spans. */
  readonly seed: number;
  /** When the first trace starts. */
  readonly startTimeUnixNano: bigint;
}

const SERVICES = 40;
const PODS_PER_SERVICE = 6;
const NODES = 25;
const ROUTES_PER_SERVICE = 8;
const CUSTOMERS = 1_000_000;
const SPANS_PER_TRACE = 20;
/** Traces whose spans arrive mixed, as they do when many processes export at once. */
const TRACES_AT_ONCE = 200;
const TRACE_INTERVAL_NANOS = 2_000_000n;
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const NOUNS = ['carts', 'products', 'orders', 'customers', 'prices', 'reviews', 'stocks', 'invoices'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile Safari/604.1',
  'okhttp/5.1.0',
  'Go-http-client/2.0',
];

interface Origin {
  readonly service: number;
  readonly resource: Resource;
}

/**
 * Spans with as many different values as a middling installation has: 40 services in 240 pods on 25 hosts, 8 routes each, a
 * million customers; 11 attributes a span and 12 a resource, one span in fifty failed with an event. They come as exporters send
 * them: spans of many traces mixed, a few of one process at a time.
 */
export function productionSpans({ seed, startTimeUnixNano }: ProductionSpanOptions): (count: number) => Span[] {
  const random = randomNumbers(seed);
  const origins = Array.from({ length: SERVICES * PODS_PER_SERVICE }, (_, index) => originOf(index, random));
  let traceStart = startTimeUnixNano;
  let ready: Span[] = [];

  function trace(): Span[] {
    traceStart += TRACE_INTERVAL_NANOS;
    const traceId = random.hex(32);
    const spans: Span[] = [];
    while (spans.length < SPANS_PER_TRACE) {
      const parent = spans.length === 0 ? undefined : spans[random.below(spans.length)];
      spans.push(makeSpan(random, traceId, traceStart, parent, random.pick(origins)));
    }
    return spans;
  }

  return (count) => {
    while (ready.length < count) {
      const mixed = Array.from({ length: TRACES_AT_ONCE }, trace).flat();
      mixed.sort((a, b) => (instanceOf(a) < instanceOf(b) ? -1 : 1));
      ready = ready.concat(mixed);
    }
    return ready.splice(0, count);
  };
}

function instanceOf({ resource }: Span): string {
  return String(resource.attributes[3]?.value);
}

function originOf(index: number, random: RandomNumbers): Origin {
  const service = index % SERVICES;
  const name = `${NOUNS[service % NOUNS.length]}-${['api', 'worker', 'gateway', 'store', 'sync'][service % 5]}-${service}`;
  const pod = `${name}-${random.hex(10)}-${random.hex(5)}`;
  const node = `ip-10-0-${random.below(NODES)}-17.eu-central-1.compute.internal`;
  const attributes: Attribute[] = [
    { key: 'service.name', value: name },
    { key: 'service.namespace', value: `team-${service % 7}` },
    { key: 'service.version', value: `2.${service % 9}.${service % 4}` },
    { key: 'service.instance.id', value: pod },
    { key: 'deployment.environment.name', value: 'production' },
    { key: 'host.name', value: node },
    { key: 'k8s.pod.name', value: pod },
    { key: 'k8s.namespace.name', value: `team-${service % 7}` },
    { key: 'container.id', value: random.hex(64) },
    { key: 'process.pid', value: BigInt(1 + random.below(60)) },
    { key: 'telemetry.sdk.language', value: ['java', 'go', 'nodejs', 'python'][service % 4]! },
    { key: 'telemetry.sdk.version', value: `1.${50 + (service % 4)}.0` },
  ];
  const schemaUrl = 'https://opentelemetry.io/schemas/1.34.0';
  return { service, resource: { attributes, droppedAttributesCount: 0, schemaUrl } };
}

const SCOPES: readonly Scope[] = ['http-server', 'http-client', 'jdbc'].map((name) => ({
  name: `io.opentelemetry.${name}`,
  version: '2.16.0-alpha',
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: '',
}));

function makeSpan(
  random: RandomNumbers,
  traceId: string,
  traceStart: bigint,
  parent: Span | undefined,
  { service, resource }: Origin,
): Span {
  const kind: SpanKind =
    parent === undefined ? 'server' : random.pick(['server', 'server', 'client', 'client', 'internal']);
  const isDatabase = kind === 'client' && random.below(2) === 0;
  const failed = random.below(50) === 0;
  const method = random.pick(METHODS);
  const noun = NOUNS[(service + random.below(3)) % NOUNS.length]!;
  const route = `/api/v${1 + (service % 3)}/${noun}${['', '/{id}', '/{id}/items', '/search'][random.below(4)]}/${service % ROUTES_PER_SERVICE}`;
  const peer = random.below(SERVICES);
  const start = parent === undefined ? traceStart : parent.startTimeUnixNano + BigInt(random.below(5_000_000));
  const duration = BigInt(
    parent === undefined ? 20_000_000 + random.below(400_000_000) : 10_000 + random.below(30_000_000),
  );
  const specific: Attribute[] = isDatabase
    ? [
        { key: 'db.system.name', value: 'postgresql' },
        { key: 'db.namespace', value: `team_${service % 7}` },
        { key: 'db.operation.name', value: 'SELECT' },
        { key: 'db.collection.name', value: noun },
        {
          key: 'db.query.text',
          value: `SELECT id, name, price, updated_at FROM ${noun} WHERE id = $1 AND tenant = $2`,
        },
        { key: 'db.response.returned_rows', value: BigInt(random.below(100)) },
      ]
    : [
        { key: 'http.request.method', value: method },
        { key: 'http.route', value: route },
        { key: 'http.response.status_code', value: failed ? 500n : random.pick([200n, 200n, 200n, 201n, 204n, 404n]) },
        { key: 'url.path', value: route.replace('{id}', String(random.below(1_000_000))) },
        { key: 'client.address', value: `10.0.${random.below(256)}.${random.below(256)}` },
        { key: 'user_agent.original', value: random.pick(AGENTS) },
      ];
  return {
    traceId,
    spanId: random.hex(16),
    parentSpanId: parent?.spanId ?? '',
    traceState: '',
    flags: 0x101,
    name: isDatabase ? `SELECT ${noun}` : `${method} ${route}`,
    kind,
    startTimeUnixNano: start,
    endTimeUnixNano: start + duration,
    attributes: [
      ...specific,
      { key: 'server.address', value: `${NOUNS[peer % NOUNS.length]}-${peer}.svc.cluster.local` },
      { key: 'server.port', value: 8080n },
      { key: 'thread.name', value: `http-nio-8080-exec-${random.below(64)}` },
      { key: 'enduser.id', value: `customer-${random.below(CUSTOMERS)}` },
      { key: 'app.cache.hit_ratio', value: random.below(1000) / 1000 },
    ],
    droppedAttributesCount: 0,
    events: failed
      ? [
          {
            timeUnixNano: start + duration / 2n,
            name: 'exception',
            attributes: [
              { key: 'exception.type', value: 'java.net.SocketTimeoutException' },
              { key: 'exception.message', value: `no answer from ${noun} within 500 ms` },
            ],
            droppedAttributesCount: 0,
          },
        ]
      : [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    status: failed ? { code: 'error', message: 'upstream answered 500' } : { code: 'unset', message: '' },
    resource,
    scope: SCOPES[isDatabase ? 2 : kind === 'client' ? 1 : 0]!,
  };
}
