import { isIP } from 'node:net';
import { DEBUG_FLAG, flagsOfSpan, isFlags } from '@spoor/jaeger';
import type { Attribute, Resource, Span, SpanKind } from '@spoor/model';
import { SERVICE_NAME_KEY } from '@spoor/model';
import type { ZipkinEndpoint, ZipkinKind, ZipkinSpan } from './message.ts';
import { packedEvent, packedLink } from './packed-text.ts';
import { tagText } from './tag-text.ts';
import { ABSENT_START_KEY, NO_SERVICE_NAME, SERVICE_NAME_SOURCE_KEY } from './to-span.ts';

/** Where a service name may stand when there is no `service.name`, the first that is there counts. */
const SERVICE_NAME_SOURCES = [SERVICE_NAME_KEY, 'faas.name', 'k8s.deployment.name', 'process.executable.name'] as const;

const KIND_OF: Readonly<Record<SpanKind, ZipkinKind>> = {
  unspecified: '',
  internal: '',
  client: 'CLIENT',
  server: 'SERVER',
  producer: 'PRODUCER',
  consumer: 'CONSUMER',
};

/**
 * A span as Zipkin v2 has it (CONTRACT §2.5): all values become texts, and attributes of the resource tags beside those of the
 * span. Left behind are what Zipkin has no place for: fractions of a microsecond, flags but for debug, counts of what was dropped.
 */
export function zipkinOfSpan(span: Span): ZipkinSpan {
  const tags = new Map<string, string>();
  const serviceName = addResource(tags, span.resource);
  if (span.scope.name !== '') tags.set('otel.library.name', span.scope.name);
  if (span.scope.version !== '') tags.set('otel.library.version', span.scope.version);
  const startTold = !span.attributes.some(({ key, value }) => key === ABSENT_START_KEY && value === true);
  addAttributes(
    tags,
    span.attributes.filter((attribute) => attribute.key !== ABSENT_START_KEY && !isFlags(attribute)),
  );
  if (span.kind === 'internal') tags.set('span.kind', 'internal');
  const localEndpoint = endpointOf(tags, serviceName, 'net.host');
  const peer = taken(tags, 'peer.service');
  const remoteEndpoint = endpointOf(tags, peer, 'net.peer');
  addStatus(tags, span.status);
  if (span.traceState !== '') tags.set('w3c.tracestate', span.traceState);
  for (const [index, link] of span.links.entries()) tags.set(`otlp.link.${index}`, packedLink(link));
  return {
    traceId: span.traceId,
    id: span.spanId,
    parentId: span.parentSpanId,
    kind: KIND_OF[span.kind],
    name: span.name,
    timestampMicros: startTold ? span.startTimeUnixNano / 1000n : 0n,
    durationMicros: microsBetween(span.startTimeUnixNano, span.endTimeUnixNano),
    localEndpoint,
    remoteEndpoint,
    annotations: span.events.map((event) => ({
      timestampMicros: event.timeUnixNano / 1000n,
      value: packedEvent(event),
    })),
    tags,
    debug: (flagsOfSpan(span) & DEBUG_FLAG) !== 0,
    invalid: [],
  };
}

/** Rounded; what lasted at all lasted a microsecond, because 0 means that nobody knows. */
function microsBetween(start: bigint, end: bigint): bigint {
  if (end <= start) return 0n;
  const micros = (end - start + 500n) / 1000n;
  return micros === 0n ? 1n : micros;
}

/** Returns the service name. */
function addResource(tags: Map<string, string>, { attributes }: Resource): string {
  addAttributes(tags, attributes);
  const source = SERVICE_NAME_SOURCES.find((key) => tags.has(key));
  if (source === undefined) return NO_SERVICE_NAME;
  const name = taken(tags, source);
  if (source !== SERVICE_NAME_KEY) tags.set(SERVICE_NAME_SOURCE_KEY, source);
  return name;
}

function addAttributes(tags: Map<string, string>, attributes: readonly Attribute[]): void {
  for (const { key, value } of attributes) tags.set(key, tagText(value));
}

function addStatus(tags: Map<string, string>, { code, message }: Span['status']): void {
  if (code === 'unset') return;
  if (code === 'error') tags.set('error', 'true');
  tags.set('otel.status_code', `STATUS_CODE_${code.toUpperCase()}`);
  if (message !== '') tags.set('otel.status_description', message);
}

function taken(tags: Map<string, string>, key: string): string {
  const value = tags.get(key) ?? '';
  tags.delete(key);
  return value;
}

/** Takes the address out of the tags, as far as it is one. */
function endpointOf(tags: Map<string, string>, serviceName: string, prefix: string): ZipkinEndpoint | undefined {
  const ip = tags.get(`${prefix}.ip`) ?? '';
  const version = isIP(ip);
  if (version !== 0) tags.delete(`${prefix}.ip`);
  const told = tags.get(`${prefix}.port`) ?? '';
  const port = /^\d{1,5}$/.test(told) && Number(told) <= 0xffff ? Number(told) : 0;
  if (serviceName === '' && version === 0) return undefined;
  if (port !== 0) tags.delete(`${prefix}.port`);
  return { serviceName, ipv4: version === 4 ? ip : '', ipv6: version === 6 ? ip : '', port };
}
