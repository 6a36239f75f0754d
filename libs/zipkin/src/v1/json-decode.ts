import type { TagValue } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { bytesOfBase64, doubleOf, integerOf, type JsonObject } from '@spoor/otlp';
import { JsonFields } from '../json-fields.ts';
import { bytesOfIp } from '../v2/ip-bytes.ts';
import type { V1BinaryAnnotation, V1Endpoint, V1Span } from './message.ts';
import { spansOfV1 } from './to-spans.ts';

const fields = new JsonFields('Zipkin v1 JSON');

/**
 * Decodes an array of spans in the JSON of Zipkin v1 (CONTRACT §2.5). Ids may be shorter than they should be, null is absent,
 * unknown fields are skipped. The caller bounds the size. Throws `SPOOR_MALFORMED_SPANS` for the whole array.
 */
export function decodeZipkinV1Json(bytes: Uint8Array): Span[] {
  return fields.spans(bytes).flatMap((span, index) => spansOfV1(readSpan(span, `[${index}]`)));
}

function readSpan(span: JsonObject, place: string): V1Span {
  const parentId = fields.id(span, 'parentId', 16, place);
  const annotations = fields.objects(span['annotations'], `${place}.annotations`);
  const binaryAnnotations = fields.objects(span['binaryAnnotations'], `${place}.binaryAnnotations`);
  return {
    traceId: fields.compulsoryId(span, 'traceId', 32, place),
    id: fields.compulsoryId(span, 'id', 16, place),
    parentId: parentId === '' ? undefined : parentId,
    name: fields.text(span, 'name', place),
    timestampMicros: fields.micros(span, 'timestamp', place),
    durationMicros: fields.micros(span, 'duration', place),
    annotations: annotations.map((annotation, index) => {
      const here = `${place}.annotations[${index}]`;
      return {
        timestampMicros: fields.micros(annotation, 'timestamp', here) ?? 0n,
        value: fields.text(annotation, 'value', here),
        endpoint: readEndpoint(annotation, here),
      };
    }),
    binaryAnnotations: binaryAnnotations.map((annotation, index) =>
      readBinaryAnnotation(annotation, `${place}.binaryAnnotations[${index}]`),
    ),
    debug: span['debug'] === true,
  };
}

function readEndpoint(of: JsonObject, place: string): V1Endpoint | undefined {
  const endpoint = fields.endpoint(of, 'endpoint', place);
  if (endpoint === undefined) return undefined;
  const { serviceName, ipv4, ipv6, port } = endpoint;
  const bytes = bytesOfIp(ipv4);
  return {
    serviceName,
    ipv4: bytes?.length === 4 ? new DataView(bytes.buffer).getUint32(0) : 0,
    port,
    ipv6: bytesOfIp(ipv6),
  };
}

/** The value of an address (`sa` and its like) is `true` or `"true"`, and nobody looks at it: the endpoint is what it says. */
function readBinaryAnnotation(annotation: JsonObject, place: string): V1BinaryAnnotation {
  return {
    key: fields.text(annotation, 'key', place),
    value: readValue(annotation['value'], fields.text(annotation, 'type', place).toUpperCase(), place),
    endpoint: readEndpoint(annotation, place),
  };
}

function readValue(value: unknown, type: string, place: string): TagValue {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint')
    throw fields.fail(`${place}.value`, 'is neither a string, a number nor a boolean');
  if (type === 'BYTES' && typeof value === 'string') return bytesOfBase64(value) ?? value;
  if (type === 'DOUBLE') return doubleOf(value) ?? String(value);
  const integer =
    type === 'I16' || type === 'I32' || type === 'I64' || typeof value !== 'string' ? integerOf(value) : undefined;
  if (integer !== undefined && BigInt.asIntN(64, integer) === integer) return integer;
  return typeof value === 'bigint' ? String(value) : value;
}
