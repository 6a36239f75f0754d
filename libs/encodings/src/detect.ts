/** The encodings that bytes can be told to be of. */
export type DetectableEncoding =
  | 'otlp_proto'
  | 'otlp_json'
  | 'jaeger_proto'
  | 'jaeger_json'
  | 'zipkin_proto'
  | 'zipkin_json'
  | 'zipkin_thrift';

const OPENING_BRACE = 0x7b;
const OPENING_BRACKET = 0x5b;
/** A Thrift list of structs begins with the type of its elements. */
const THRIFT_STRUCT = 0x0c;
/** The first field, length-delimited: what all three protobuf messages begin with. */
const FIRST_FIELD = 0x0a;
/** So far a JSON object is looked into for what names OTLP. */
const LOOK_INTO_BYTES = 256;

const latin1 = new TextDecoder('latin1');

/**
 * Which encoding a record's bytes are of, by how they begin. It is exact for what the writers of these encodings write; bytes
 * that are of none are called `otlp_proto`, whose reader then says what is wrong with them.
 */
export function detectEncoding(bytes: Uint8Array): DetectableEncoding {
  // A line feed is the first byte of all three protobuf messages: before JSON it is not looked over.
  const at = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x0d && byte !== 0x09);
  if (bytes[at] === OPENING_BRACE)
    return latin1.decode(bytes.subarray(at, at + LOOK_INTO_BYTES)).includes('"resourceSpans"')
      ? 'otlp_json'
      : 'jaeger_json';
  if (bytes[at] === OPENING_BRACKET) return 'zipkin_json';
  if (bytes[0] === THRIFT_STRUCT) return 'zipkin_thrift';
  if (bytes[0] !== FIRST_FIELD) return 'otlp_proto';
  if (isJaegerSpan(bytes)) return 'jaeger_proto';
  return isZipkinList(bytes) ? 'zipkin_proto' : 'otlp_proto';
}

/** A trace id of 16 or 8 bytes and behind it a span id of 8: no `ResourceSpans` is followed by a second field of its list. */
function isJaegerSpan(bytes: Uint8Array): boolean {
  const size = bytes[1];
  return (size === 16 || size === 8) && bytes[2 + size] === 0x12 && bytes[3 + size] === 8;
}

/** A span that begins with a trace id, and behind it the id of its parent or its own. */
function isZipkinList(bytes: Uint8Array): boolean {
  let start = 1;
  while (start < 6 && (bytes[start] ?? 0) >= 0x80) start += 1;
  start += 1;
  const size = bytes[start + 1];
  if (bytes[start] !== FIRST_FIELD || (size !== 16 && size !== 8)) return false;
  const next = start + 2 + size;
  return (bytes[next] === 0x12 || bytes[next] === 0x1a) && bytes[next + 1] === 8;
}
