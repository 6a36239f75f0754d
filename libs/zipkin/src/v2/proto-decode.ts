import { soundSpanName, TagList } from '@spoor/jaeger';
import { checkSpanCount, type Span, SpoorError } from '@spoor/model';
import { hexOf, readInt64, readText, readTextOrBytes, TextReader, WireReader } from '@spoor/otlp';
import { textOfIp } from './ip-bytes.ts';
import { KINDS, type ZipkinAnnotation, type ZipkinEndpoint, type ZipkinKind, type ZipkinSpan } from './message.ts';
import { spanOfZipkin } from './to-span.ts';

/** Keys and short values that come again and again share one string. */
const texts = new TextReader();

export interface ZipkinProtoOptions {
  /** All spans are of the debug sort, whatever they say themselves. */
  readonly debug?: boolean;
}

/**
 * Decodes a `zipkin.proto3.ListOfSpans` (CONTRACT §2.5). Trace ids of 8 bytes are the lower half of a longer one; names,
 * keys and values that are not UTF-8 stay bytes (CONTRACT §9.2, sanitiser 3), service names get U+FFFD for it; unknown fields
 * are skipped. The caller bounds the size. Throws `SPOOR_MALFORMED_SPANS`, or `SPOOR_REQUEST_TOO_LARGE` for too many spans.
 */
export function decodeZipkinProto(bytes: Uint8Array, { debug = false }: ZipkinProtoOptions = {}): Span[] {
  const reader = new WireReader(bytes);
  const spans: ZipkinSpan[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag !== 10) reader.skip(tag);
    else {
      const outerEnd = reader.enter();
      checkSpanCount(spans.length + 1);
      spans.push(readSpan(reader));
      reader.leave(outerEnd);
    }
  }
  if (reader.faultAt >= 0)
    throw new SpoorError(
      'SPOOR_MALFORMED_SPANS',
      `not a Zipkin ListOfSpans: at byte ${reader.faultAt}, ${reader.fault}`,
    );
  return spans.map((span) => spanOfZipkin(debug ? { ...span, debug } : span));
}

function readSpan(reader: WireReader): ZipkinSpan {
  const start = reader.pos;
  let traceId = '';
  let parentId = '';
  let id = '';
  let kind: ZipkinKind = '';
  let name: string | Uint8Array = '';
  let timestampMicros = 0n;
  let durationMicros = 0n;
  let localEndpoint: ZipkinEndpoint | undefined;
  let remoteEndpoint: ZipkinEndpoint | undefined;
  const annotations: ZipkinAnnotation[] = [];
  let debug = false;
  const tags = new Map<string, string>();
  const invalid = new TagList();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) traceId = readId(reader, 'a trace id', [16, 8]).padStart(32, '0');
    else if (tag === 18) parentId = readId(reader, 'a parent id', [8, 0]);
    else if (tag === 26) id = readId(reader, 'a span id', [8]);
    else if (tag === 32) kind = KINDS[reader.varint()] ?? '';
    else if (tag === 42) name = readTextOrBytes(reader, texts);
    else if (tag === 49) timestampMicros = readFixed64(reader);
    else if (tag === 56) durationMicros = BigInt.asUintN(64, readInt64(reader));
    else if (tag === 66) localEndpoint = readEndpoint(reader);
    else if (tag === 74) remoteEndpoint = readEndpoint(reader);
    else if (tag === 82) readAnnotation(reader, annotations);
    else if (tag === 90) readTag(reader, tags, invalid);
    else if (tag === 96) debug = (reader.varint() | reader.high) !== 0;
    else reader.skip(tag);
  }
  if (reader.faultAt < 0 && (traceId === '' || id === '')) {
    reader.pos = start;
    reader.fail(`${traceId === '' ? 'trace_id' : 'id'} is missing`);
  }
  return {
    traceId,
    id,
    parentId,
    kind,
    name: soundSpanName(name, invalid.tags),
    timestampMicros,
    durationMicros,
    localEndpoint,
    remoteEndpoint,
    annotations,
    tags,
    debug,
    invalid: invalid.tags,
  };
}

function readId(reader: WireReader, what: string, sizes: readonly number[]): string {
  const at = reader.pos;
  const length = reader.length();
  if (reader.faultAt >= 0) return '';
  if (!sizes.includes(length)) {
    reader.pos = at;
    reader.fail(`${what} has ${length} bytes, must have ${sizes.filter((size) => size > 0).join(' or ')}`);
    return '';
  }
  reader.pos += length;
  return hexOf(reader.bytes, reader.pos - length, reader.pos);
}

function readFixed64(reader: WireReader): bigint {
  const low = reader.fixed64();
  return (BigInt(reader.high) << 32n) | BigInt(low);
}

function readEndpoint(reader: WireReader): ZipkinEndpoint {
  let serviceName = '';
  let ipv4 = '';
  let ipv6 = '';
  let port = 0;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) serviceName = readText(reader, texts);
    else if (tag === 18) ipv4 = readIp(reader);
    else if (tag === 26) ipv6 = readIp(reader);
    else if (tag === 32) port = reader.varint() & 0xffff;
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { serviceName, ipv4, ipv6, port };
}

function readIp(reader: WireReader): string {
  const length = reader.length();
  if (reader.faultAt >= 0) return '';
  reader.pos += length;
  return textOfIp(reader.bytes.subarray(reader.pos - length, reader.pos));
}

/** One without any content takes two bytes on the wire and says nothing. */
function readAnnotation(reader: WireReader, annotations: ZipkinAnnotation[]): void {
  let timestampMicros = 0n;
  let value: string | Uint8Array = '';
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 9) timestampMicros = readFixed64(reader);
    else if (tag === 18) value = readTextOrBytes(reader, texts);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  if (typeof value !== 'string') annotations.push({ timestampMicros, value: '', invalid: value });
  else if (timestampMicros !== 0n || value !== '') annotations.push({ timestampMicros, value });
}

function readTag(reader: WireReader, tags: Map<string, string>, invalid: TagList): void {
  let key: string | Uint8Array = '';
  let value: string | Uint8Array = '';
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) key = readTextOrBytes(reader, texts);
    else if (tag === 18) value = readTextOrBytes(reader, texts);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  if (typeof key === 'string' && typeof value === 'string') tags.set(key, value);
  else invalid.add(key, value);
}
