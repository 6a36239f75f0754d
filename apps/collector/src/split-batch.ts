import type { SpanBatch } from '@spoor/model';
import { scanTraces } from '@spoor/otlp';

/**
 * Resources and scopes are repeated in every piece: without a bound, a large one above many small spans would make of one
 * batch hundreds of times its size.
 */
const MAX_GROWTH = 4;

const OTHER_PIECE = { reason: 'too_large', message: 'in another piece' } as const;

/**
 * The same spans in batches of at most `maxBytes`, each span's bytes as they are. A span that is larger by itself comes as a
 * batch of its own, and the batch comes back whole where the pieces would be many times larger than it is.
 */
export function splitBatch(batch: SpanBatch, maxBytes: number): readonly SpanBatch[] {
  const pieces: SpanBatch[] = [];
  const waiting: SpanBatch[] = [batch];
  let bytes = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.bytes.length <= maxBytes || next.spanCount <= 1) {
      pieces.push(next);
      bytes += next.bytes.length;
      if (bytes > MAX_GROWTH * batch.bytes.length) return [batch];
      continue;
    }
    const middle = next.spanCount >> 1;
    // Taken from the end: the first half comes first.
    waiting.push(part(next, middle, next.spanCount), part(next, 0, middle));
  }
  return pieces;
}

/** The spans from `from` on and before `to`, in the order of the message. They were validated before. */
function part(batch: SpanBatch, from: number, to: number): SpanBatch {
  const others = new Map<number, typeof OTHER_PIECE>();
  for (let at = 0; at < batch.spanCount; at += 1) if (at < from || at >= to) others.set(at, OTHER_PIECE);
  const { batches } = scanTraces(batch.bytes, {
    partitionCount: 1,
    nowMs: 0,
    maxFutureMs: Number.MAX_SAFE_INTEGER,
    maxSpanBytes: Number.MAX_SAFE_INTEGER,
    maxAttributeDepth: Number.MAX_SAFE_INTEGER,
    faults: others,
  });
  return { ...batch, spanCount: to - from, bytes: batches[0]?.bytes ?? new Uint8Array() };
}
