import {
  DEBUG_FLAG,
  type Log,
  nanosOfMicros,
  type Process,
  resourceOf,
  type SpanMessage,
  soundSpanName,
  spanOfMessage,
  type Tag,
  TagList,
} from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { isObject, parseBoundedJson } from '@spoor/otlp';
import type { V1Annotation, V1Endpoint, V1Span } from './message.ts';
import { find, sanitiseV1 } from './sanitise.ts';

/** The service of a span that names none (CONTRACT §2.5). */
const UNKNOWN_SERVICE_NAME = 'unknown-service-name';

/** What the core annotations say about the kind of their span. */
const KIND_OF: ReadonlyMap<string | Uint8Array, string> = new Map([
  ['cs', 'client'],
  ['cr', 'client'],
  ['sr', 'server'],
  ['ss', 'server'],
  ['ms', 'producer'],
  ['mr', 'consumer'],
]);

/** Tags of the process; clients of Jaeger wrote two of them under other names. */
const PROCESS_TAGS: ReadonlyMap<string | Uint8Array, string> = new Map([
  ['jaegerClient', 'jaeger.version'],
  ['jaeger.version', 'jaeger.version'],
  ['jaeger.hostname', 'hostname'],
]);

/** The longest annotation that is looked into for JSON, and how deep. */
const MAX_JSON_DEPTH = 2;

/**
 * A span of Zipkin v1 as the model has it (CONTRACT §2.5): one span, or two with the same id where client and server wrote
 * into the same one.
 */
export function spansOfV1(given: V1Span): Span[] {
  const span = sanitiseV1(given);
  const { process, tags } = splitTags(span);
  const resource = resourceOf(process);
  const kind = span.annotations.map(({ value }) => KIND_OF.get(value)).find((known) => known !== undefined);
  const name = soundSpanName(span.name, tags);
  if (kind !== undefined) tags.push({ key: 'span.kind', value: kind });
  const { startMicros, durationMicros } = timesOf(span);
  const base = {
    traceId: span.traceId,
    spanId: span.id,
    operationName: name,
    references:
      span.parentId === undefined ? [] : [{ type: 'CHILD_OF' as const, traceId: span.traceId, spanId: span.parentId }],
    flags: span.debug ? DEBUG_FLAG : 0,
    process: undefined,
    warnings: [],
  };
  const main: SpanMessage = { ...base, ...nanosOf(startMicros, durationMicros), tags, logs: logsOf(span) };
  const messages = [main];
  const sent = find(span, 'cs');
  const received = find(span, 'sr');
  if (sent !== undefined && received !== undefined) {
    const [start, endName, otherKind] = kind === 'client' ? [received, 'ss', 'server'] : [sent, 'cr', 'client'];
    const end = find(span, endName);
    messages.push({
      ...base,
      ...nanosOf(start.timestampMicros, end === undefined ? 0n : end.timestampMicros - start.timestampMicros),
      tags: [{ key: 'span.kind', value: otherKind }],
      logs: [],
    });
  }
  return messages.map((message) => spanOfMessage(message, resource));
}

/** A time that OTLP cannot say comes out as one that no span may have. */
function nanosOf(startMicros: bigint, durationMicros: bigint) {
  const startTimeUnixNano = nanosOfMicros(startMicros);
  return { startTimeUnixNano, durationNanos: nanosOfMicros(startMicros + durationMicros) - startTimeUnixNano };
}

function timesOf(span: V1Span): { startMicros: bigint; durationMicros: bigint } {
  const told = { startMicros: span.timestampMicros ?? 0n, durationMicros: span.durationMicros ?? 0n };
  if (told.startMicros !== 0n) return told;
  const [start, endName] = find(span, 'cs') ? [find(span, 'cs'), 'cr'] : [find(span, 'sr'), 'ss'];
  if (start === undefined) return told;
  const end = find(span, endName);
  const startMicros = start.timestampMicros;
  const isKnown = told.durationMicros !== 0n || end === undefined;
  return { startMicros, durationMicros: isKnown ? told.durationMicros : end.timestampMicros - startMicros };
}

function splitTags(span: V1Span): { readonly process: Process; readonly tags: Tag[] } {
  const processTags = new TagList();
  const list = new TagList();
  for (const { key, value, endpoint } of span.binaryAnnotations) {
    const processKey = PROCESS_TAGS.get(key);
    if (processKey !== undefined) processTags.add(processKey, value);
    else if (key === 'lc') list.add('component', value);
    else if (key === 'sa' || key === 'ca' || key === 'ma') addPeer(list, endpoint);
    else list.add(key, value);
  }
  const host = hostOf(span);
  if (host !== undefined && host.ipv4 !== 0) processTags.add('ip', BigInt(host.ipv4));
  return {
    process: { serviceName: host?.serviceName ?? UNKNOWN_SERVICE_NAME, tags: processTags.tags },
    tags: list.tags,
  };
}

function addPeer(list: TagList, endpoint: V1Endpoint | undefined): void {
  if (endpoint === undefined) return;
  list.add('peer.service', endpoint.serviceName);
  if (endpoint.ipv4 !== 0) list.add('peer.ipv4', BigInt(endpoint.ipv4));
  if (endpoint.ipv6 !== undefined) list.add('peer.ipv6', endpoint.ipv6);
  if (endpoint.port !== 0) list.add('peer.port', BigInt(endpoint.port));
}

/** Whoever wrote the span: who wrote its core annotations knows best, then who wrote `lc`, then anybody. */
function hostOf({ annotations, binaryAnnotations }: V1Span): V1Endpoint | undefined {
  const isNamed = (endpoint: V1Endpoint | undefined) => endpoint !== undefined && endpoint.serviceName !== '';
  return (
    annotations.find(({ value, endpoint }) => KIND_OF.has(value) && isNamed(endpoint)) ??
    binaryAnnotations.find(({ key, endpoint }) => key === 'lc' && isNamed(endpoint)) ??
    annotations.find(({ endpoint }) => isNamed(endpoint)) ??
    binaryAnnotations.find(({ key, endpoint }) => key !== 'sa' && key !== 'ca' && key !== 'ma' && isNamed(endpoint)) ??
    binaryAnnotations.find(({ endpoint }) => isNamed(endpoint))
  )?.endpoint;
}

function logsOf({ annotations }: V1Span): Log[] {
  return annotations
    .filter(({ value }) => !KIND_OF.has(value))
    .map((annotation) => ({ timeUnixNano: nanosOfMicros(annotation.timestampMicros), fields: fieldsOf(annotation) }));
}

/** Clients without fields in their logs wrote a JSON object of strings instead. */
function fieldsOf({ value }: V1Annotation): Tag[] {
  return (typeof value === 'string' ? jsonFields(value) : undefined) ?? [{ key: 'event', value }];
}

function jsonFields(text: string): Tag[] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(Buffer.from(text), MAX_JSON_DEPTH);
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  const fields: Tag[] = [];
  for (const [key, value] of Object.entries(parsed)) {
    if (typeof value !== 'string') return undefined;
    fields.push({ key, value });
  }
  return fields;
}
