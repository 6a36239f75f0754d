import { Readable } from 'node:stream';

/**
 * A body made piece by piece. Waits for the first piece, so that what fails early still becomes an answer with the right
 * status; a failure after it breaks the connection off, which is how HTTP says that a body is not whole.
 */
export async function startedStream(pieces: AsyncGenerator<string | Uint8Array>): Promise<Readable> {
  const first = await pieces.next();
  return Readable.from(rejoined(first, pieces), { objectMode: false, highWaterMark: 256 * 1024 });
}

async function* rejoined(
  first: IteratorResult<string | Uint8Array>,
  rest: AsyncGenerator<string | Uint8Array>,
): AsyncGenerator<Buffer> {
  try {
    if (first.done !== true) yield asBuffer(first.value);
    for await (const piece of rest) yield asBuffer(piece);
  } finally {
    await rest.return(undefined);
  }
}

function asBuffer(piece: string | Uint8Array): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}
