import { decodeJaegerBatch } from '@spoor/jaeger';
import { type Span, SpoorError } from '@spoor/model';
import { WireReader } from '@spoor/otlp';

/** `PostSpansRequest.batch`, length-delimited. */
const BATCH_TAG = 10;

/**
 * The spans of a `PostSpansRequest` (CONTRACT §2.2). A batch that comes in several pieces is one, as protobuf merges them.
 * Throws `SPOOR_MALFORMED_SPANS` or `SPOOR_REQUEST_TOO_LARGE`, for the whole request.
 */
export function decodePostSpans(bytes: Uint8Array): readonly Span[] {
  const reader = new WireReader(bytes);
  const pieces: Uint8Array[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag !== BATCH_TAG) {
      reader.skip(tag);
      continue;
    }
    const outerEnd = reader.enter();
    if (reader.faultAt < 0) pieces.push(bytes.subarray(reader.pos, reader.end));
    reader.pos = reader.end;
    reader.leave(outerEnd);
  }
  if (reader.faultAt >= 0)
    throw new SpoorError('SPOOR_MALFORMED_SPANS', `not a PostSpansRequest: at byte ${reader.faultAt}, ${reader.fault}`);
  return decodeJaegerBatch(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
}
