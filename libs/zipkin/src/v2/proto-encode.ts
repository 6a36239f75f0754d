import type { Span } from '@spoor/model';
import { WireWriter } from '@spoor/otlp';
import { zipkinOfSpan } from './from-span.ts';
import { bytesOfIp } from './ip-bytes.ts';
import { KINDS, type ZipkinEndpoint, type ZipkinSpan } from './message.ts';

/** Encodes spans as a `zipkin.proto3.ListOfSpans` (CONTRACT §2.5): a record of the encoding `zipkin_proto`. */
export function encodeZipkinProto(spans: readonly Span[]): Uint8Array {
  const writer = new WireWriter(1024);
  for (const span of spans) {
    const start = writer.begin(10);
    writeSpan(writer, zipkinOfSpan(span));
    writer.end(start);
  }
  return writer.finish();
}

function writeSpan(writer: WireWriter, span: ZipkinSpan): void {
  // 8 bytes when the upper half is zero.
  writer.hex(10, span.traceId.startsWith('0000000000000000') ? span.traceId.slice(16) : span.traceId);
  if (span.parentId !== '') writer.hex(18, span.parentId);
  writer.hex(26, span.id);
  if (span.kind !== '') {
    writer.uint32(32);
    writer.uint32(KINDS.indexOf(span.kind));
  }
  if (span.name !== '') writer.string(42, span.name);
  if (span.timestampMicros !== 0n) writer.fixed64(49, span.timestampMicros);
  if (span.durationMicros !== 0n) {
    writer.uint32(56);
    writer.int64(span.durationMicros);
  }
  writeEndpoint(writer, 66, span.localEndpoint);
  writeEndpoint(writer, 74, span.remoteEndpoint);
  for (const { timestampMicros, value } of span.annotations) {
    const start = writer.begin(82);
    if (timestampMicros !== 0n) writer.fixed64(9, timestampMicros);
    if (value !== '') writer.string(18, value);
    writer.end(start);
  }
  for (const [key, value] of span.tags) {
    const start = writer.begin(90);
    writer.string(10, key);
    writer.string(18, value);
    writer.end(start);
  }
  if (span.debug) {
    writer.uint32(96);
    writer.uint32(1);
  }
}

function writeEndpoint(writer: WireWriter, tag: number, endpoint: ZipkinEndpoint | undefined): void {
  if (endpoint === undefined) return;
  const start = writer.begin(tag);
  if (endpoint.serviceName !== '') writer.string(10, endpoint.serviceName);
  const ipv4 = bytesOfIp(endpoint.ipv4);
  if (ipv4 !== undefined) writer.blob(18, ipv4);
  const ipv6 = bytesOfIp(endpoint.ipv6);
  if (ipv6 !== undefined) writer.blob(26, ipv6);
  if (endpoint.port !== 0) {
    writer.uint32(32);
    writer.uint32(endpoint.port);
  }
  writer.end(start);
}
