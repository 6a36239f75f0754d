import { SpoorError } from './errors.ts';

/**
 * Spans of one message that are decoded to objects. Senders' batches have hundreds; the smallest spans take fifty times their
 * bytes as objects.
 */
export const MAX_DECODED_SPANS = 100_000;

/** Throws `SPOOR_REQUEST_TOO_LARGE` when a message has more spans than are decoded. Ask before they are. */
export function checkSpanCount(count: number): void {
  if (count > MAX_DECODED_SPANS)
    throw new SpoorError(
      'SPOOR_REQUEST_TOO_LARGE',
      `the message has more than ${MAX_DECODED_SPANS} spans; send smaller batches`,
    );
}
