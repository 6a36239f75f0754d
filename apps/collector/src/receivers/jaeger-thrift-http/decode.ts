import { readThriftBatch, spansOfBatch } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { BinaryReader } from '@spoor/thrift';

/** What may be announced; both are Thrift's binary protocol (CONTRACT §2.3). */
export const THRIFT_MEDIA_TYPES: ReadonlySet<string> = new Set([
  'application/x-thrift',
  'application/vnd.apache.thrift.binary',
]);

/** The spans of a bare struct `Batch` of jaeger.thrift. Throws `SPOOR_MALFORMED_SPANS`. */
export function decodeThriftBatch(bytes: Uint8Array): readonly Span[] {
  return spansOfBatch(readThriftBatch(new BinaryReader(bytes, 'a Jaeger Batch')));
}
