import type { Span } from '@spoor/model';
import { decodeZipkinJson, decodeZipkinProto, decodeZipkinThrift, decodeZipkinV1Json } from '@spoor/zipkin';
import type { SpanFormat } from '../intake/metrics.ts';

export interface ZipkinDecoder {
  readonly format: SpanFormat;
  /** Throws `SPOOR_MALFORMED_SPANS` for the whole body. */
  readonly decode: (bytes: Uint8Array) => readonly Span[];
}

const V1_JSON: ZipkinDecoder = { format: 'zipkin_v1_json', decode: decodeZipkinV1Json };
const V1_THRIFT: ZipkinDecoder = { format: 'zipkin_v1_thrift', decode: decodeZipkinThrift };
const V2_JSON: ZipkinDecoder = { format: 'zipkin_v2_json', decode: decodeZipkinJson };
const V2_PROTO: ZipkinDecoder = { format: 'zipkin_v2_proto', decode: decodeZipkinProto };

/** How a request's body is to be read: the path tells the version, the media type the encoding (CONTRACT §2.5). */
export function zipkinDecoderOf(path: string, mediaType: string): ZipkinDecoder {
  if (path.includes('api/v1/spans')) return mediaType === 'application/x-thrift' ? V1_THRIFT : V1_JSON;
  return mediaType === 'application/x-protobuf' ? V2_PROTO : V2_JSON;
}
