import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { SpoorError } from '@spoor/model';

/** Magic, codec, two bytes of zeros, CRC-32 of what follows the header, length after decompression. */
const HEADER_BYTES = 12;
const MAGIC = 0x53;
const RAW = 0;
const ZSTD = 1;
/** No frame that Spoor writes is larger; a larger announcement is damage and must not be allocated. */
const MAX_FRAME_BYTES = 2 ** 29;

const compression = { [constants.ZSTD_c_compressionLevel]: 1 };

/** A blob as it is stored: checksummed, compressed where that is wanted. */
export function sealFrame(payload: Uint8Array, codec: 'raw' | 'zstd'): Uint8Array {
  const body =
    codec === 'raw'
      ? payload
      : zstdCompressSync(payload, { params: compression, chunkSize: payload.length / 2 + 1024 });
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  const view = new DataView(frame.buffer);
  frame[0] = MAGIC;
  frame[1] = codec === 'raw' ? RAW : ZSTD;
  view.setUint32(4, crc32(body), true);
  view.setUint32(8, payload.length, true);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** What was sealed, at an offset that is a multiple of 4. Throws `SPOOR_STORAGE_CORRUPT` that names `what`. */
export function openFrame(frame: Uint8Array, what: string): Uint8Array {
  if (frame.length < HEADER_BYTES || frame[0] !== MAGIC) throw corrupt(what, 'it does not begin like a frame');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const body = frame.subarray(HEADER_BYTES);
  const length = view.getUint32(8, true);
  if (length > MAX_FRAME_BYTES) throw corrupt(what, `it announces ${length} bytes`);
  if (crc32(body) !== view.getUint32(4, true)) throw corrupt(what, 'its checksum is wrong');
  let payload: Uint8Array = body;
  if (frame[1] === ZSTD) {
    try {
      payload = zstdDecompressSync(body, { maxOutputLength: length + 1, chunkSize: Math.max(length, 64) + 64 });
    } catch (cause) {
      throw corrupt(what, 'it does not decompress', cause);
    }
  } else if (frame[1] !== RAW) throw corrupt(what, `its codec is ${frame[1]}`);
  if (payload.length !== length) throw corrupt(what, `it has ${payload.length} bytes instead of ${length}`);
  return payload.byteOffset % 4 === 0 && payload.constructor === Uint8Array
    ? payload
    : payload.byteOffset % 4 === 0
      ? new Uint8Array(payload.buffer, payload.byteOffset, payload.length)
      : new Uint8Array(payload);
}

/** The length that the frame announces for its content, without opening it; 0 for what is no frame. */
export function frameLength(frame: Uint8Array): number {
  if (frame.length < HEADER_BYTES) return 0;
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint32(8, true);
}

export function corrupt(what: string, detail: string, cause?: unknown): SpoorError {
  return new SpoorError('SPOOR_STORAGE_CORRUPT', `${what} is damaged: ${detail}`, { cause });
}
