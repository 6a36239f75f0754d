import { SpoorError } from '@spoor/model';
import { tooLarge } from './body.ts';
import { xxHash32 } from './xxhash32.ts';

const MAGIC = 0x184d2204;
/** Frames from here on, sixteen kinds, hold what a reader may skip. */
const SKIPPABLE_MAGIC = 0x184d2a50;
/** The greatest share of a block that one byte of input can make: a length goes on with bytes of 255. */
const MAX_RATIO = 255;
const MIN_MATCH = 4;

/**
 * Inflates LZ4's frame format: frames of blocks, which may copy from the blocks before them. Nothing beyond `maxBytes` is
 * allocated, and nothing that the bytes cannot hold. Sizes and checksums are compared where a frame has them.
 */
export function inflateLz4Frames(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const output = new Output(Math.min(maxBytes, input.length * MAX_RATIO), maxBytes);
  let at = 0;
  const take = (count: number): number => {
    if (count > input.length - at) throw malformed('it ends early');
    at += count;
    return at - count;
  };
  while (at < input.length) {
    const magic = input.readUInt32LE(take(4));
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      take(input.readUInt32LE(take(4)));
      continue;
    }
    if (magic !== MAGIC) throw malformed('it does not begin as a frame');
    const descriptor = take(1);
    const flags = input[descriptor]!;
    if (flags >> 6 !== 1) throw malformed('its version is not 1');
    if ((flags & 1) !== 0) throw malformed('it needs a dictionary');
    const hasBlockChecksums = (flags & 0x10) !== 0;
    const isLinked = (flags & 0x20) === 0;
    // The largest size of a block, which is known only to be claimed.
    take(1);
    const contentSize = (flags & 8) === 0 ? undefined : input.readBigUInt64LE(take(8));
    const headerEnd = take(1);
    if (input[headerEnd] !== ((xxHash32(input, descriptor, headerEnd) >>> 8) & 0xff))
      throw malformed('the checksum of a header is wrong');
    const begin = output.size;
    for (let head = input.readUInt32LE(take(4)); head !== 0; head = input.readUInt32LE(take(4))) {
      const length = head & 0x7fffffff;
      const start = take(length);
      if (hasBlockChecksums && input.readUInt32LE(take(4)) !== xxHash32(input, start, start + length))
        throw malformed('the checksum of a block is wrong');
      const block = input.subarray(start, start + length);
      if (head >>> 31 === 1) output.append(block);
      else inflateBlock(block, output, isLinked ? begin : output.size);
    }
    if (contentSize !== undefined && contentSize !== BigInt(output.size - begin))
      throw malformed(`it says that it holds ${contentSize} bytes, and holds ${output.size - begin}`);
    if ((flags & 4) !== 0 && input.readUInt32LE(take(4)) !== xxHash32(output.bytes(), begin, output.size))
      throw malformed('the checksum of the content is wrong');
  }
  return output.bytes();
}

/** Sequences of literals and of a copy of what came before, not further back than `floor`. */
function inflateBlock(block: Buffer, output: Output, floor: number): void {
  let at = 0;
  const next = (): number => {
    if (at >= block.length) throw malformed('a block ends early');
    return block[at++]!;
  };
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const more = next();
      length += more;
      if (more < 255) return length;
    }
  };
  while (at < block.length) {
    const token = next();
    const literals = lengthFrom(token >> 4);
    if (literals > block.length - at) throw malformed('a literal is too long');
    output.append(block.subarray(at, at + literals));
    at += literals;
    // The last sequence has no copy.
    if (at === block.length) return;
    const low = next();
    const offset = low | (next() << 8);
    const length = lengthFrom(token & 15) + MIN_MATCH;
    if (offset === 0 || offset > output.size - floor) throw malformed('a copy points outside of what came before');
    output.copy(offset, length);
  }
}

/** Grows by doubling up to what is allowed, so that a small body never holds much. */
class Output {
  size = 0;
  private buffer: Buffer;
  private readonly maxBytes: number;

  constructor(likelyBytes: number, maxBytes: number) {
    this.buffer = Buffer.allocUnsafe(Math.min(likelyBytes, 64 * 1024));
    this.maxBytes = maxBytes;
  }

  append(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.buffer.set(bytes, this.size);
    this.size += bytes.length;
  }

  copy(offset: number, length: number): void {
    this.makeRoom(length);
    const { buffer } = this;
    if (offset >= length) {
      buffer.copyWithin(this.size, this.size - offset, this.size - offset + length);
      this.size += length;
      return;
    }
    // Byte by byte: it overlaps what it makes.
    for (const stop = this.size + length; this.size < stop; this.size += 1)
      buffer[this.size] = buffer[this.size - offset]!;
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.size);
  }

  private makeRoom(count: number): void {
    const needed = this.size + count;
    if (needed > this.maxBytes) throw tooLarge('the body inflates to more', this.maxBytes);
    if (needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.min(this.maxBytes, Math.max(needed, this.buffer.length * 2)));
    this.buffer.copy(larger, 0, 0, this.size);
    this.buffer = larger;
  }
}

function malformed(why: string): SpoorError {
  return new SpoorError('SPOOR_MALFORMED_SPANS', `the body is not LZ4's frame format: ${why}`);
}
