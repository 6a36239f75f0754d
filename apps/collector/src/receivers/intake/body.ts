import type { IncomingMessage } from 'node:http';
import { SpoorError } from '@spoor/model';
import type { BytesInFlight } from './bytes-in-flight.ts';

/** What one request holds of the bytes in flight. `release` gives all of it back. */
export class HeldBytes {
  private readonly inFlight: BytesInFlight;
  private bytes = 0;

  constructor(inFlight: BytesInFlight) {
    this.inFlight = inFlight;
  }

  /** Throws `SPOOR_OVERLOADED` when there is no room. */
  take(bytes: number): void {
    this.inFlight.take(bytes);
    this.bytes += bytes;
  }

  release(): void {
    this.inFlight.give(this.bytes);
    this.bytes = 0;
  }
}

/**
 * The whole body. Every chunk counts before it is kept. Throws `SPOOR_REQUEST_TOO_LARGE` or `SPOOR_OVERLOADED` with the rest
 * of the body unread, `SPOOR_INVALID_REQUEST` when the sender went away.
 */
export async function readBody(request: IncomingMessage, maxBytes: number, held: HeldBytes): Promise<Uint8Array> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(`the body has ${announced} bytes`, maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    try {
      if (size > maxBytes) throw tooLarge('the body is larger', maxBytes);
      held.take(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      request.pause();
      reject(error);
    }
  };
  const onClose = () => {
    // Every request is closed in the end; an error costs its stack, so it is made only where it tells something.
    if (!request.readableEnded)
      reject(new SpoorError('SPOOR_INVALID_REQUEST', 'the connection was closed before the whole body had come'));
  };
  request.on('data', onData);
  request.on('end', resolve);
  request.on('close', onClose);
  request.on('error', onClose);
  try {
    await promise;
  } finally {
    request.off('data', onData);
    request.off('end', resolve);
    request.off('close', onClose);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}

/** The error for a request that is too large; `what` is the first half of its sentence. */
export function tooLarge(what: string, maxBytes: number): SpoorError {
  return new SpoorError(
    'SPOOR_REQUEST_TOO_LARGE',
    `${what}, at most ${maxBytes} bytes are taken; send smaller batches`,
  );
}
