import { SpoorError } from '@spoor/model';
import { tooLarge } from './body.ts';

const STREAM_IDENTIFIER = 0xff;
const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
/** Chunks from here on that a reader does not know may be skipped; those below may not. */
const FIRST_SKIPPABLE = 0x80;
const MAGIC = Buffer.from('sNaPpY');
const CHECKSUM_BYTES = 4;
/** What one chunk may hold when it is inflated. */
const MAX_CHUNK_BYTES = 65_536;

/**
 * Inflates the framing format of snappy: chunks, each with a type, a length and a masked CRC-32C of what it holds. That is what
 * senders of gRPC mean by `snappy`. The length that a chunk announces is compared with the bounds before room is made for it.
 */
export function inflateSnappyFrames(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 4) throw malformed('it ends within the head of a chunk');
    const type = bytes[at]!;
    const end = at + 4 + (bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16));
    if (end > bytes.length) throw malformed('a chunk is longer than what is left');
    const content = bytes.subarray(at + 4, end);
    if (at === 0 && (type !== STREAM_IDENTIFIER || !MAGIC.equals(content)))
      throw malformed('it does not begin with sNaPpY');
    at = end;
    if (type === COMPRESSED || type === UNCOMPRESSED) {
      if (content.length < CHECKSUM_BYTES) throw malformed('a chunk has no checksum');
      const packed = content.subarray(CHECKSUM_BYTES);
      const length = type === COMPRESSED ? readVarint(packed).value : packed.length;
      if (length > MAX_CHUNK_BYTES) throw malformed('a chunk holds more than 65536 bytes');
      size += length;
      if (size > maxBytes) throw tooLarge('the body inflates to more', maxBytes);
      const piece = type === COMPRESSED ? inflateSnappyBlock(packed, maxBytes) : packed;
      if (maskedCrc32c(piece) !== readUint32(content, 0)) throw malformed('the checksum of a chunk is wrong');
      pieces.push(piece);
    } else if (type < FIRST_SKIPPABLE) {
      throw malformed(`it has a chunk of type ${type}`);
    }
  }
  return Buffer.concat(pieces, size);
}

/** Whether bytes begin as the framing format does. As a block they would begin with a copy of what is not there. */
export function isSnappyFramed(bytes: Uint8Array): boolean {
  return bytes[0] === STREAM_IDENTIFIER && MAGIC.equals(bytes.subarray(4, 4 + MAGIC.length));
}

/** Inflates one block: its length, then literals and copies of what came before. */
export function inflateSnappyBlock(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const { value: length, end } = readVarint(bytes);
  if (length > maxBytes) throw tooLarge('the body inflates to more', maxBytes);
  // No two bytes hold a copy of more than 64: a length beyond that cannot be true.
  if (length > bytes.length * 32) throw malformed('a block announces more than it can hold');
  const output = Buffer.allocUnsafe(length);
  let at = end;
  let size = 0;
  const next = (count: number): number => {
    if (at + count > bytes.length) throw malformed('a block ends early');
    let value = 0;
    for (let i = 0; i < count; i += 1) value += bytes[at + i]! * 2 ** (8 * i);
    at += count;
    return value;
  };
  while (at < bytes.length) {
    const tag = next(1);
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >> 2;
      const count = (short < 60 ? short : next(short - 59)) + 1;
      if (count > length - size || count > bytes.length - at) throw malformed('a literal is too long');
      output.set(bytes.subarray(at, at + count), size);
      at += count;
      size += count;
      continue;
    }
    const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const offset = kind === 1 ? ((tag >> 5) << 8) + next(1) : next(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > size || count > length - size) throw malformed('a copy points outside the block');
    // Byte by byte: a copy may overlap what it makes.
    for (const stop = size + count; size < stop; size += 1) output[size] = output[size - offset]!;
  }
  if (size !== length) throw malformed('a block is shorter than it says');
  return output;
}

function readVarint(bytes: Uint8Array): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = 0; at < Math.min(bytes.length, 5); at += 1) {
    value += (bytes[at]! & 0x7f) * 2 ** (7 * at);
    if (bytes[at]! < 0x80) return { value, end: at + 1 };
  }
  throw malformed('a block has no length');
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

/** CRC-32C, masked as the framing format has it. */
export function maskedCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[at]!) & 0xff]!;
  crc = (crc ^ 0xffffffff) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function malformed(why: string): SpoorError {
  return new SpoorError('SPOOR_MALFORMED_SPANS', `the body is not snappy's framing format: ${why}`);
}
