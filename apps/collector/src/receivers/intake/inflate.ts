import * as zlib from 'node:zlib';
import type { Inflaters } from '@spoor/grpc';
import { SpoorError } from '@spoor/model';
import { tooLarge } from './body.ts';
import { inflateLz4Frames } from './lz4.ts';
import { inflateSnappyBlock, inflateSnappyFrames, isSnappyFramed } from './snappy.ts';

type Inflate = (bytes: Uint8Array, maxOutputLength: number) => Uint8Array;

/** Larger pieces than Node's default: fewer calls for bodies of the usual size. */
const CHUNK_BYTES = 64 * 1024;

/** Windows of zstd up to 8 MiB are what every decoder must take (RFC 8878, section 3.1.1.1.2). */
const MIN_ZSTD_WINDOW_LOG = 23;
const MAX_ZSTD_WINDOW_LOG = 27;

const gunzip: Inflate = (bytes, maxOutputLength) => zlib.gunzipSync(bytes, { maxOutputLength, chunkSize: CHUNK_BYTES });

/** `deflate` is zlib's format (RFC 9110, section 8.4.1.2), but many send the bare stream. The two never look alike. */
const inflateEither: Inflate = (bytes, maxOutputLength) => {
  const [first = 0, second = 0] = bytes;
  const isZlib = (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
  const options = { maxOutputLength, chunkSize: CHUNK_BYTES };
  return isZlib ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options);
};

/** The window is memory that the sender asks for: it is bounded by what the output may be. */
const unzstd: Inflate = (bytes, maxOutputLength) => {
  const windowLog = Math.ceil(Math.log2(Math.max(maxOutputLength, 2)));
  return zlib.zstdDecompressSync(bytes, {
    maxOutputLength,
    chunkSize: CHUNK_BYTES,
    params: {
      [zlib.constants.ZSTD_d_windowLogMax]: Math.min(MAX_ZSTD_WINDOW_LOG, Math.max(MIN_ZSTD_WINDOW_LOG, windowLog)),
    },
  });
};

/** Over HTTP `snappy` is one block with some senders, and the framing format with older ones. The two never look alike. */
function inflateSnappy(bytes: Uint8Array, maxBytes: number): Uint8Array {
  return isSnappyFramed(bytes) ? inflateSnappyFrames(bytes, maxBytes) : inflateSnappyBlock(bytes, maxBytes);
}

/** How bodies may be compressed (CONTRACT §2.1), by the names that HTTP has. */
const INFLATERS: ReadonlyMap<string, Inflate> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflateEither],
  ['zlib', inflateEither],
  ['zstd', unzstd],
  ['lz4', inflateLz4Frames],
  ['snappy', inflateSnappy],
  ['x-snappy-framed', inflateSnappyFrames],
]);

/** How messages of gRPC may be compressed (CONTRACT §2.1), by the names that gRPC has. They inflate as bodies do. */
export const GRPC_INFLATERS: Inflaters = new Map(
  [
    ['gzip', gunzip] as const,
    ['deflate', inflateEither] as const,
    ['zstd', unzstd] as const,
    ['snappy', inflateSnappyFrames] as const,
  ].map(([name, inflate]) => [name, (bytes, maxBytes) => inflateBody(inflate, bytes, maxBytes)]),
);

/** Throws `SPOOR_INVALID_REQUEST` for an encoding that is not taken, before any of the body is read. */
export function inflaterOf(contentEncoding: string | undefined): Inflate | undefined {
  const encoding = (contentEncoding ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return undefined;
  const inflate = INFLATERS.get(encoding);
  if (inflate !== undefined) return inflate;
  throw new SpoorError(
    'SPOOR_INVALID_REQUEST',
    `Content-Encoding ${JSON.stringify(encoding.slice(0, 40))} is not taken; send gzip, deflate, zstd, snappy, lz4 or identity`,
  );
}

/**
 * Inflates at once rather than in the thread pool: bodies are small, so the calls would cost more than the work, and only one
 * body inflates at a time. Nothing beyond `maxBytes` is allocated. Throws `SPOOR_REQUEST_TOO_LARGE` or `SPOOR_MALFORMED_SPANS`.
 */
export function inflateBody(inflate: Inflate, bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return inflate(bytes, maxBytes);
  } catch (cause) {
    if (cause instanceof SpoorError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge('the body inflates to more', maxBytes);
    const what = cause instanceof Error ? cause.message : 'unknown';
    throw new SpoorError('SPOOR_MALFORMED_SPANS', `the body cannot be inflated: ${what.slice(0, 100)}`, { cause });
  }
}
