import { setImmediate } from 'node:timers/promises';
import type { Span } from '@spoor/model';

/** Spans encoded at a time. */
const SPANS_PER_CHUNK = 1_000;

/** A gRPC client takes messages of up to 4 MiB unless told otherwise; chunks stay well below it. */
const MAX_CHUNK_BYTES = 2 * 1024 * 1024;

/**
 * Spans encoded in chunks of at most 2 MiB (one span larger than that is a chunk of its own), in their order. Between chunks
 * other requests get their turn.
 */
export async function* encodedChunks(
  spans: readonly Span[],
  encode: (spans: readonly Span[]) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < spans.length; from += SPANS_PER_CHUNK) {
    if (from > 0) await setImmediate();
    const chunk = spans.length <= SPANS_PER_CHUNK ? spans : spans.slice(from, from + SPANS_PER_CHUNK);
    yield* boundedChunks(chunk, encode);
  }
}

function* boundedChunks(spans: readonly Span[], encode: (spans: readonly Span[]) => Uint8Array): Generator<Uint8Array> {
  const bytes = encode(spans);
  if (bytes.length <= MAX_CHUNK_BYTES || spans.length === 1) {
    yield bytes;
    return;
  }
  const middle = spans.length >> 1;
  yield* boundedChunks(spans.slice(0, middle), encode);
  yield* boundedChunks(spans.slice(middle), encode);
}
