import type { Span } from '@spoor/model';
import { zipkinOfSpan } from './from-span.ts';
import type { ZipkinEndpoint, ZipkinSpan } from './message.ts';

const utf8 = new TextEncoder();

/** Encodes spans as an array in the JSON of Zipkin v2 (CONTRACT §2.5): a record of the encoding `zipkin_json`. */
export function encodeZipkinJson(spans: readonly Span[]): Uint8Array {
  return utf8.encode(`[${spans.map((span) => spanJson(zipkinOfSpan(span))).join(',')}]`);
}

/** 16 digits when the upper half is zero (CONTRACT §2.2). */
function traceIdText(traceId: string): string {
  return traceId.startsWith('0000000000000000') ? traceId.slice(16) : traceId;
}

function spanJson(span: ZipkinSpan): string {
  return JSON.stringify({
    // Times in microseconds stay below 2^53 until the year 2255.
    timestamp: Number(span.timestampMicros) || undefined,
    duration: Number(span.durationMicros) || undefined,
    traceId: traceIdText(span.traceId),
    id: span.id,
    parentId: span.parentId || undefined,
    name: span.name || undefined,
    kind: span.kind || undefined,
    localEndpoint: endpointObject(span.localEndpoint),
    remoteEndpoint: endpointObject(span.remoteEndpoint),
    annotations:
      span.annotations.length === 0
        ? undefined
        : span.annotations.map(({ timestampMicros, value }) => ({ timestamp: Number(timestampMicros), value })),
    debug: span.debug || undefined,
    tags: span.tags.size === 0 ? undefined : Object.fromEntries(span.tags),
  });
}

function endpointObject(endpoint: ZipkinEndpoint | undefined): object | undefined {
  if (endpoint === undefined) return undefined;
  const { serviceName, ipv4, ipv6, port } = endpoint;
  return {
    serviceName: serviceName || undefined,
    ipv4: ipv4 || undefined,
    ipv6: ipv6 || undefined,
    port: port || undefined,
  };
}
