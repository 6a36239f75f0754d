import type { Rejection } from '@spoor/model';

/** One record's worth of spans in some encoding. */
export interface EncodedSpans {
  readonly value: Uint8Array;
  /** What the record is keyed with; absent where records have no key (CONTRACT §4). */
  readonly key?: string;
  readonly spanCount: number;
}

/** A record's spans as OTLP `TracesData`. */
export interface DecodedSpans {
  readonly bytes: Uint8Array;
  /** Spans in `bytes`. Whether their ids and times are right is for a scan to say. */
  readonly spanCount: number;
  /** Spans that are not in `bytes`, because OTLP cannot say what is wrong with them. */
  readonly rejected: readonly Rejection[];
}

/** OTLP `TracesData` ⇄ the values of records in one other encoding. */
export interface SpanCodec {
  /** The records of the spans of one batch, which was validated; in its order. Absent where the encoding can only be read. */
  readonly encode?: (bytes: Uint8Array) => readonly EncodedSpans[];
  /** Throws `SPOOR_MALFORMED_SPANS` or `SPOOR_REQUEST_TOO_LARGE` for the whole record. */
  readonly decode: (value: Uint8Array) => DecodedSpans;
}
