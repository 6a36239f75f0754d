import { attributeOfFlags, DEBUG_FLAG, nanosOfMicros } from '@spoor/jaeger';
import type { Attribute, Resource, Scope, Span, SpanEvent, SpanKind, SpanLink, StatusCode } from '@spoor/model';
import { SERVICE_NAME_KEY } from '@spoor/model';
import type { ZipkinAnnotation, ZipkinEndpoint, ZipkinSpan } from './message.ts';
import { unpackedEvent, unpackedLink } from './packed-text.ts';
import { RESOURCE_KEYS } from './resource-keys.ts';

/** The service that stands for none (CONTRACT §2.5). */
export const NO_SERVICE_NAME = 'OTLPResourceNoServiceName';
/** The tag that says which resource attribute the service name was taken from. */
export const SERVICE_NAME_SOURCE_KEY = 'otlp.service.name.source';
/** The attribute of a span whose sender did not tell when it began. */
export const ABSENT_START_KEY = 'otel.zipkin.absentField.startTime';
/** Links beyond are not looked for, so that a span of nothing but links stays cheap. */
const MAX_LINKS = 128;

/** A span of Zipkin v2 as the model has it (CONTRACT §2.5). `shared` is not kept: reading tells client and server apart. */
export function spanOfZipkin(zipkin: ZipkinSpan): Span {
  const tags = new Map(zipkin.tags);
  const take = (key: string): string => {
    const value = tags.get(key) ?? '';
    tags.delete(key);
    return value;
  };
  const kind = kindOf(zipkin, tags);
  const status = statusOf(tags);
  const traceState = take('w3c.tracestate');
  const links = linksOf(tags);
  const resource = resourceOf(zipkin.localEndpoint?.serviceName ?? '', tags);
  const scope = scopeOf(
    take('otel.library.name') || take('otel.scope.name'),
    take('otel.library.version') || take('otel.scope.version'),
  );
  const startTimeUnixNano = nanosOfMicros(zipkin.timestampMicros);
  return {
    traceId: zipkin.traceId,
    spanId: zipkin.id,
    parentSpanId: zipkin.parentId === zipkin.id ? '' : zipkin.parentId,
    traceState,
    flags: 0,
    name: zipkin.name,
    kind,
    startTimeUnixNano,
    endTimeUnixNano: nanosOfMicros(zipkin.timestampMicros + zipkin.durationMicros),
    attributes: attributesOf(zipkin, tags),
    droppedAttributesCount: 0,
    events: zipkin.annotations.map(eventOf),
    droppedEventsCount: 0,
    links,
    droppedLinksCount: 0,
    status,
    resource,
    scope,
  };
}

/** A value that is not UTF-8 is no name: it becomes a field, as in a log of Zipkin v1. */
function eventOf({ timestampMicros, value, invalid }: ZipkinAnnotation): SpanEvent {
  const timeUnixNano = nanosOfMicros(timestampMicros);
  if (invalid === undefined) return { timeUnixNano, ...unpackedEvent(value) };
  return { timeUnixNano, name: '', attributes: [{ key: 'event', value: invalid }], droppedAttributesCount: 0 };
}

const KIND_OF: Readonly<Record<string, SpanKind>> = {
  CLIENT: 'client',
  SERVER: 'server',
  PRODUCER: 'producer',
  CONSUMER: 'consumer',
};

function kindOf({ kind }: ZipkinSpan, tags: Map<string, string>): SpanKind {
  if (kind !== '') return KIND_OF[kind] ?? 'unspecified';
  if (tags.get('span.kind') !== 'internal') return 'unspecified';
  tags.delete('span.kind');
  return 'internal';
}

const STATUS_OF: ReadonlyMap<string, StatusCode> = new Map([
  ['STATUS_CODE_UNSET', 'unset'],
  ['STATUS_CODE_OK', 'ok'],
  ['STATUS_CODE_ERROR', 'error'],
  ['OK', 'ok'],
  ['ERROR', 'error'],
]);

/** A tag `error` with any other value than `true` says more than a status could: it stays. */
function statusOf(tags: Map<string, string>): Span['status'] {
  let code = STATUS_OF.get(tags.get('otel.status_code') ?? '');
  let message = '';
  if (code !== undefined) {
    message = tags.get('otel.status_description') ?? '';
    tags.delete('otel.status_code');
    tags.delete('otel.status_description');
  }
  if (tags.get('error') === 'true') {
    code = 'error';
    tags.delete('error');
  }
  return { code: code ?? 'unset', message };
}

/** A tag of that name that is no link stays a tag. */
function linksOf(tags: Map<string, string>): SpanLink[] {
  const links: SpanLink[] = [];
  for (let i = 0; i < MAX_LINKS; i += 1) {
    const key = `otlp.link.${i}`;
    const text = tags.get(key);
    if (text === undefined) break;
    const link = unpackedLink(text);
    if (link === undefined) continue;
    links.push(link);
    tags.delete(key);
  }
  return links;
}

function resourceOf(serviceName: string, tags: Map<string, string>): Resource {
  const attributes: Attribute[] = [];
  const source = tags.get(SERVICE_NAME_SOURCE_KEY) ?? '';
  tags.delete(SERVICE_NAME_SOURCE_KEY);
  if (serviceName !== '' && serviceName !== NO_SERVICE_NAME)
    attributes.push({ key: source === '' ? SERVICE_NAME_KEY : source, value: serviceName });
  for (const [key, value] of tags) {
    if (!RESOURCE_KEYS.has(key)) continue;
    if (!attributes.some((attribute) => attribute.key === key)) attributes.push({ key, value });
    tags.delete(key);
  }
  return { attributes, droppedAttributesCount: 0, schemaUrl: '' };
}

/** One object: spans that share it are put together without a look at what it holds. */
const NO_SCOPE: Scope = { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' };

function scopeOf(name: string, version: string): Scope {
  if (name === '' && version === '') return NO_SCOPE;
  return { name, version, attributes: [], droppedAttributesCount: 0, schemaUrl: '' };
}

function attributesOf(zipkin: ZipkinSpan, tags: ReadonlyMap<string, string>): Attribute[] {
  const attributes: Attribute[] = [];
  for (const [key, value] of tags) attributes.push({ key, value });
  const flags = attributeOfFlags(zipkin.debug ? DEBUG_FLAG : 0);
  if (flags !== undefined) attributes.push(flags);
  attributes.push(...zipkin.invalid);
  const { localEndpoint, remoteEndpoint } = zipkin;
  if (localEndpoint !== undefined) addAddress(attributes, 'net.host', localEndpoint);
  if (remoteEndpoint !== undefined) {
    if (remoteEndpoint.serviceName !== '') set(attributes, { key: 'peer.service', value: remoteEndpoint.serviceName });
    addAddress(attributes, 'net.peer', remoteEndpoint);
  }
  if (zipkin.timestampMicros === 0n) set(attributes, { key: ABSENT_START_KEY, value: true });
  return attributes;
}

function addAddress(attributes: Attribute[], prefix: string, { ipv4, ipv6, port }: ZipkinEndpoint): void {
  const ip = ipv6 || ipv4;
  if (ip !== '') set(attributes, { key: `${prefix}.ip`, value: ip });
  if (port !== 0) set(attributes, { key: `${prefix}.port`, value: BigInt(port) });
}

/** What the endpoints say counts, whatever a tag of that name said. */
function set(attributes: Attribute[], attribute: Attribute): void {
  const at = attributes.findIndex(({ key }) => key === attribute.key);
  if (at < 0) attributes.push(attribute);
  else attributes[at] = attribute;
}
