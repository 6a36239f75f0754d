import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoorError } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { expect, test } from 'vitest';
import { inflateSnappyBlock, inflateSnappyFrames, maskedCrc32c } from './snappy.ts';

/** Written by snappy-java's SnappyFramedOutputStream. */
const golden = readFileSync(join(import.meta.dirname, 'golden/20-spans.snappy'));
const IDENTIFIER = Buffer.from([0xff, 6, 0, 0, ...Buffer.from('sNaPpY')]);
const MAX = 1024 * 1024;

function chunk(type: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head[0] = type;
  head.writeUIntLE(content.length, 1, 3);
  return Buffer.concat([head, content]);
}

function plain(text: string): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(maskedCrc32c(Buffer.from(text)));
  return chunk(1, Buffer.concat([checksum, Buffer.from(text)]));
}

function codeOf(call: () => unknown): string {
  try {
    call();
    return 'no error';
  } catch (error) {
    return error instanceof SpoorError ? error.code : String(error);
  }
}

test('what another implementation packed comes out as it was', () => {
  expect(decodeTraces(inflateSnappyFrames(golden, MAX))).toHaveLength(20);
});

test('plain chunks, padding and a second beginning are read', () => {
  const bytes = Buffer.concat([
    IDENTIFIER,
    plain('one '),
    chunk(0xfe, Buffer.alloc(10)),
    chunk(0x80, Buffer.alloc(3)),
    IDENTIFIER,
    plain('two'),
  ]);
  expect(Buffer.from(inflateSnappyFrames(bytes, MAX)).toString()).toBe('one two');
  expect(inflateSnappyFrames(Buffer.alloc(0), MAX)).toHaveLength(0);
});

test('a copy may overlap what it makes', () => {
  const block = Uint8Array.of(10, 0x04, 0x61, 0x62, ((8 - 4) << 2) | 1, 2);
  expect(Buffer.from(inflateSnappyBlock(block, MAX)).toString()).toBe('ababababab');
});

test.each<[string, Uint8Array]>([
  ['no identifier', plain('x')],
  ['half a head', Buffer.concat([IDENTIFIER, Buffer.of(1, 2)])],
  ['a chunk longer than the rest', Buffer.concat([IDENTIFIER, Buffer.of(1, 0xff, 0xff, 0xff, 0)])],
  ['a chunk type that may not be skipped', Buffer.concat([IDENTIFIER, chunk(0x02, Buffer.alloc(4))])],
  ['no checksum', Buffer.concat([IDENTIFIER, chunk(1, Buffer.alloc(2))])],
  ['a wrong checksum', Buffer.concat([IDENTIFIER, chunk(1, Buffer.alloc(8))])],
  ['a block of 4 GiB', Buffer.concat([IDENTIFIER, chunk(0, Buffer.from([0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]))])],
])('%s is refused', (_what, bytes) => {
  expect(codeOf(() => inflateSnappyFrames(bytes, MAX))).toBe('SPOOR_MALFORMED_SPANS');
});

test.each<[string, Uint8Array]>([
  ['no length', Uint8Array.of()],
  ['a length that cannot be true', Uint8Array.of(0xff, 0xff, 0x3f)],
  ['a literal beyond the end', Uint8Array.of(5, 0x10, 1)],
  ['a copy before the beginning', Uint8Array.of(8, 0x00, 1, 0x05, 9)],
  ['a copy of nothing', Uint8Array.of(8, 0x00, 1, 0x05, 0)],
  ['less than announced', Uint8Array.of(8, 0x00, 1)],
])('a block with %s is refused', (_what, bytes) => {
  expect(codeOf(() => inflateSnappyBlock(bytes, MAX))).toBe('SPOOR_MALFORMED_SPANS');
});

test('nothing inflates beyond the bound', () => {
  expect(codeOf(() => inflateSnappyFrames(golden, 5000))).toBe('SPOOR_REQUEST_TOO_LARGE');
});

test('every cut and every flipped bit is refused or inflates within the bound', () => {
  for (let cut = 1; cut < golden.length; cut += 7) codeOf(() => inflateSnappyFrames(golden.subarray(0, cut), MAX));
  for (let bit = 0; bit < golden.length * 8; bit += 13) {
    const flipped = Uint8Array.from(golden);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(['no error', 'SPOOR_MALFORMED_SPANS', 'SPOOR_REQUEST_TOO_LARGE']).toContain(
      codeOf(() => inflateSnappyFrames(flipped, MAX)),
    );
  }
});
