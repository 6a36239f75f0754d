import type { Rejection } from '@spoor/model';

/** Every encoding of records (CONTRACT §4). `auto` reads all of them and writes `otlp_proto`. */
export const KAFKA_ENCODINGS = [
  'otlp_proto',
  'otlp_json',
  'jaeger_proto',
  'jaeger_json',
  'zipkin_proto',
  'zipkin_json',
  'zipkin_thrift',
  'auto',
] as const;
export type KafkaEncoding = (typeof KAFKA_ENCODINGS)[number];

/**
 * OTLP `TracesData` ⇄ the values of records in another encoding. The process gives it: the log knows no wire format but the
 * one that it passes through.
 */
export interface RecordCodec {
  /** The records of a batch's spans, in their order. Absent where the encoding can only be read. */
  readonly encode?: (bytes: Uint8Array) => readonly {
    readonly value: Uint8Array;
    /** The partition follows from it; without one the batch tells. */
    readonly key?: string;
    readonly spanCount: number;
  }[];
  /** Throws a `SpoorError` for a record that can never be read. */
  readonly decode: (value: Uint8Array) => {
    readonly bytes: Uint8Array;
    /** 0 where nobody has counted. */
    readonly spanCount: number;
    /** Spans of the record that are not in `bytes`. */
    readonly rejected: readonly Rejection[];
  };
}

/** By the names of the encodings; `otlp_proto` needs none. */
export type RecordCodecs = Readonly<Record<string, RecordCodec>>;

/** The partition that the peer's producers choose for a key: FNV-1a of its bytes (CONTRACT §4). */
export function partitionOfKey(key: Uint8Array, partitionCount: number): number {
  let hash = 0x811c9dc5;
  for (const byte of key) hash = Math.imul(hash ^ byte, 0x01000193);
  return Math.abs(hash | 0) % partitionCount;
}
