import { readThriftBytes, readThriftText, readThriftTextOrBytes, type TagValue } from '@spoor/jaeger';
import { checkSpanCount, type Span } from '@spoor/model';
import { base64Of } from '@spoor/otlp';
import { BinaryReader, type ThriftReader, TYPES } from '@spoor/thrift';
import type { V1Annotation, V1BinaryAnnotation, V1Endpoint, V1Span } from './message.ts';
import { spansOfV1 } from './to-spans.ts';

/** Decodes a `list<Span>` of zipkincore.thrift in the binary protocol: a body of POST /api/v1/spans, or a record `zipkin_thrift`. */
export function decodeZipkinThrift(bytes: Uint8Array): Span[] {
  return readZipkinThrift(new BinaryReader(bytes, 'a Thrift list of Zipkin spans'));
}

/**
 * Reads a `list<Span>` of zipkincore.thrift (CONTRACT §2.4), in either protocol. Nothing there is compulsory by the letter, but
 * a span without ids, an annotation without a time and a binary annotation without a key say nothing: they are refused with
 * `SPOOR_MALFORMED_SPANS`, and so a few bytes never become many objects. Throws `SPOOR_REQUEST_TOO_LARGE` for too many spans.
 */
export function readZipkinThrift(reader: ThriftReader): Span[] {
  return readList(reader, readSpan, checkSpanCount).flatMap(spansOfV1);
}

function readList<T>(reader: ThriftReader, read: (reader: ThriftReader) => T, check?: (size: number) => void): T[] {
  const size = reader.listOf(TYPES.struct);
  check?.(size);
  const elements: T[] = [];
  for (let i = 0; i < size; i += 1) elements.push(read(reader));
  return elements;
}

function readSpan(reader: ThriftReader): V1Span {
  const start = reader.pos;
  let low: bigint | undefined;
  let high = 0n;
  let id: bigint | undefined;
  let parentId: bigint | undefined;
  let name: string | Uint8Array = '';
  let timestampMicros: bigint | undefined;
  let durationMicros: bigint | undefined;
  let annotations: V1Annotation[] = [];
  let binaryAnnotations: V1BinaryAnnotation[] = [];
  let debug = false;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1a) low = reader.i64();
    else if (field === 0x3b) name = readThriftTextOrBytes(reader);
    else if (field === 0x4a) id = reader.i64();
    else if (field === 0x5a) parentId = reader.i64();
    else if (field === 0x6f) annotations = readList(reader, readAnnotation);
    else if (field === 0x8f) binaryAnnotations = readList(reader, readBinaryAnnotation);
    else if (field === 0x92) debug = reader.bool();
    else if (field === 0xaa) timestampMicros = reader.i64();
    else if (field === 0xba) durationMicros = reader.i64();
    else if (field === 0xca) high = reader.i64();
    else reader.skip(field);
  }
  reader.leave();
  if (low === undefined || id === undefined) reader.fail('the Span has no trace_id or no id', start);
  return {
    traceId: hexOfId(high) + hexOfId(low),
    id: hexOfId(id),
    parentId: parentId === undefined ? undefined : hexOfId(parentId),
    name,
    timestampMicros,
    durationMicros,
    annotations,
    binaryAnnotations,
    debug,
  };
}

function hexOfId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, '0');
}

function readEndpoint(reader: ThriftReader): V1Endpoint {
  let ipv4 = 0;
  let port = 0;
  let serviceName = '';
  let ipv6: Uint8Array | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x18) ipv4 = reader.i32() >>> 0;
    else if (field === 0x26) port = reader.i16() & 0xffff;
    else if (field === 0x3b) serviceName = readThriftText(reader);
    else if (field === 0x4b) ipv6 = readThriftBytes(reader);
    else reader.skip(field);
  }
  reader.leave();
  return { ipv4, port, serviceName, ipv6: ipv6?.length === 0 ? undefined : ipv6 };
}

function readAnnotation(reader: ThriftReader): V1Annotation {
  const start = reader.pos;
  let timestampMicros: bigint | undefined;
  let value: string | Uint8Array = '';
  let endpoint: V1Endpoint | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1a) timestampMicros = reader.i64();
    else if (field === 0x2b) value = readThriftTextOrBytes(reader);
    else if (field === 0x3c) endpoint = readEndpoint(reader);
    else reader.skip(field);
  }
  reader.leave();
  if (timestampMicros === undefined) reader.fail('the Annotation has no timestamp', start);
  return { timestampMicros, value, endpoint };
}

/** In the order of AnnotationType (CONTRACT §2.4). */
const ANNOTATION_TYPES = ['BOOL', 'BYTES', 'I16', 'I32', 'I64', 'DOUBLE', 'STRING'] as const;
type AnnotationType = (typeof ANNOTATION_TYPES)[number];

function readBinaryAnnotation(reader: ThriftReader): V1BinaryAnnotation {
  const start = reader.pos;
  let key: string | Uint8Array | undefined;
  let raw = new Uint8Array(0);
  let text: string | Uint8Array = '';
  let type = 0;
  let endpoint: V1Endpoint | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1b) key = readThriftTextOrBytes(reader);
    else if (field === 0x2b) {
      const at = reader.pos;
      text = readThriftTextOrBytes(reader);
      reader.pos = at;
      raw = new Uint8Array(readThriftBytes(reader));
    } else if (field === 0x38) type = reader.i32();
    else if (field === 0x4c) endpoint = readEndpoint(reader);
    else reader.skip(field);
  }
  reader.leave();
  if (key === undefined) reader.fail('the BinaryAnnotation has no key', start);
  const known = ANNOTATION_TYPES[type];
  if (known === 'STRING') return { key, value: text, endpoint };
  return { key, value: tagValueOf(known, raw) ?? unreadable(raw, known ?? `the type ${type}`), endpoint };
}

/** Numbers are big-endian. `undefined` where the bytes are none of the type. */
function tagValueOf(type: AnnotationType | undefined, raw: Uint8Array): TagValue | undefined {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  switch (type) {
    case 'BOOL':
      return raw.length === 1 && raw[0] === 1;
    case 'BYTES':
      return raw;
    case 'I16':
      return raw.length === 2 ? BigInt(view.getInt16(0)) : undefined;
    case 'I32':
      return raw.length === 4 ? BigInt(view.getInt32(0)) : undefined;
    case 'I64':
      return raw.length === 8 ? view.getBigInt64(0) : undefined;
    case 'DOUBLE':
      return raw.length === 8 ? view.getFloat64(0) : undefined;
    default:
      return undefined;
  }
}

function unreadable(raw: Uint8Array, type: string): string {
  return `Cannot parse Zipkin value ${base64Of(raw)}: its ${raw.length} bytes are not of ${type}`;
}
