import { decodeJaegerSpan, decodeJaegerSpanJson, encodeJaegerSpan, encodeJaegerSpanJson } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { decodeTraces, encodeTraces, scanTracesJson, tracesToJson } from '@spoor/otlp';
import {
  decodeZipkinJson,
  decodeZipkinProto,
  decodeZipkinThrift,
  encodeZipkinJson,
  encodeZipkinProto,
} from '@spoor/zipkin';
import type { DecodedSpans, SpanCodec } from './codec.ts';
import { detectEncoding } from './detect.ts';

const utf8 = new TextEncoder();

/** What is in a record was for its writer to bound: only what can never be stored is rejected here. */
const NO_LIMITS = {
  partitionCount: 1,
  nowMs: 0,
  maxFutureMs: Number.MAX_SAFE_INTEGER,
  maxSpanBytes: Number.MAX_SAFE_INTEGER,
  maxAttributeDepth: Number.MAX_SAFE_INTEGER,
};

/** What Spoor has anyway. Nobody has counted its spans. */
const otlpProto = {
  decode: (value: Uint8Array): DecodedSpans => ({ bytes: value, spanCount: 0, rejected: [] }),
};

const otlpJson: SpanCodec = {
  encode(bytes) {
    const spans = decodeTraces(bytes);
    return [{ value: utf8.encode(tracesToJson(spans)), spanCount: spans.length }];
  },
  decode(value) {
    // JSON can be wrong in ways that its protobuf would not show any more.
    const { batches, acceptedCount, rejected } = scanTracesJson(value, NO_LIMITS);
    return { bytes: batches[0]?.bytes ?? new Uint8Array(0), spanCount: acceptedCount, rejected };
  },
};

/** One span a record, keyed with its trace id. */
function jaeger(encode: (span: Span) => Uint8Array, decode: (value: Uint8Array) => Span): SpanCodec {
  return {
    encode: (bytes) =>
      decodeTraces(bytes).map((span) => ({ key: keyOf(span.traceId), value: encode(span), spanCount: 1 })),
    decode: (value) => decoded([decode(value)]),
  };
}

/** 16 digits when the upper half of the id is zero, else 32 (CONTRACT §2.2). */
function keyOf(traceId: string): string {
  return traceId.startsWith('0'.repeat(16)) ? traceId.slice(16) : traceId;
}

function zipkin(encode: (spans: readonly Span[]) => Uint8Array, decode: (value: Uint8Array) => Span[]): SpanCodec {
  return {
    encode(bytes) {
      const spans = decodeTraces(bytes);
      return [{ value: encode(spans), spanCount: spans.length }];
    },
    decode: (value) => decoded(decode(value)),
  };
}

function decoded(spans: readonly Span[]): DecodedSpans {
  return { bytes: encodeTraces(spans), spanCount: spans.length, rejected: [] };
}

const CODECS = {
  otlp_json: otlpJson,
  jaeger_proto: jaeger(encodeJaegerSpan, decodeJaegerSpan),
  jaeger_json: jaeger(encodeJaegerSpanJson, decodeJaegerSpanJson),
  zipkin_proto: zipkin(encodeZipkinProto, (bytes) => decodeZipkinProto(bytes)),
  zipkin_json: zipkin(encodeZipkinJson, decodeZipkinJson),
  zipkin_thrift: { decode: (value: Uint8Array) => decoded(decodeZipkinThrift(value)) },
} satisfies Record<string, SpanCodec>;

/**
 * Every encoding of records but our own `otlp_proto` (CONTRACT §4), by its name. `auto` can only be read: it tells them all
 * apart by their first bytes.
 */
export const SPAN_CODECS = {
  ...CODECS,
  auto: {
    decode(value: Uint8Array) {
      const encoding = detectEncoding(value);
      return (encoding === 'otlp_proto' ? otlpProto : CODECS[encoding]).decode(value);
    },
  },
} as const satisfies Readonly<Record<string, SpanCodec>>;
