import type { IncomingHttpHeaders } from 'node:http';
import type { Span } from '@spoor/model';
import { decodeZipkinJson, decodeZipkinProto, decodeZipkinThrift, decodeZipkinV1Json } from '@spoor/zipkin';
import { mediaTypeOf } from '../http/index.ts';
import type { SpanFormat } from '../intake/metrics.ts';

export interface ZipkinDecoder {
  readonly format: SpanFormat;
  /** Throws `SPOOR_MALFORMED_SPANS` for the whole body. */
  readonly decode: (bytes: Uint8Array) => readonly Span[];
}

const V1_JSON: ZipkinDecoder = { format: 'zipkin_v1_json', decode: decodeZipkinV1Json };
const V1_THRIFT: ZipkinDecoder = { format: 'zipkin_v1_thrift', decode: decodeZipkinThrift };
const V2_JSON: ZipkinDecoder = { format: 'zipkin_v2_json', decode: decodeZipkinJson };
const V2_PROTO: ZipkinDecoder = { format: 'zipkin_v2_proto', decode: (bytes) => decodeZipkinProto(bytes) };
const V2_PROTO_DEBUG: ZipkinDecoder = { ...V2_PROTO, decode: (bytes) => decodeZipkinProto(bytes, { debug: true }) };

/**
 * How a request's body is to be read: the path tells the version, the media type the encoding, the header `X-B3-Flags` that the
 * spans of a protobuf body are of the debug sort (CONTRACT §2.5).
 */
export function zipkinDecoderOf(path: string, headers: IncomingHttpHeaders): ZipkinDecoder {
  const mediaType = mediaTypeOf(headers['content-type']);
  if (path.includes('api/v1/spans')) return mediaType === 'application/x-thrift' ? V1_THRIFT : V1_JSON;
  if (mediaType !== 'application/x-protobuf') return V2_JSON;
  return headers['x-b3-flags'] === '1' ? V2_PROTO_DEBUG : V2_PROTO;
}
