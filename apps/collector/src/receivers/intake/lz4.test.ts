import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoorError } from '@spoor/model';
import { decodeTraces } from '@spoor/otlp';
import { expect, test } from 'vitest';
import { inflateLz4Frames } from './lz4.ts';
import { xxHash32 } from './xxhash32.ts';

/** Written by the command line program of LZ4, 1.9.4. */
const golden = (name: string) => readFileSync(join(import.meta.dirname, 'golden', name));
const spans = golden('20-spans.lz4');
const MAX = 1024 * 1024;
const HEAD = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
const END = [0, 0, 0, 0];

function codeOf(call: () => unknown): string {
  try {
    call();
    return 'no error';
  } catch (error) {
    return error instanceof SpoorError ? error.code : String(error);
  }
}

function block(...bytes: number[]): number[] {
  return [bytes.length, 0, 0, 0, ...bytes];
}

test('what another implementation packed comes out as it was', () => {
  expect(decodeTraces(inflateLz4Frames(spans, MAX))).toHaveLength(20);
});

test.each(['1000-lines.lz4', '1000-lines-linked.lz4'])('several blocks come out as one: %s', (name) => {
  const lines = Buffer.from(inflateLz4Frames(golden(name), MAX))
    .toString()
    .split('\n');
  expect([lines.length, lines[0]?.length, new Set(lines.slice(0, -1)).size]).toEqual([1001, 207, 1]);
});

test('frames follow one another, some of them to be skipped; a copy may overlap what it makes', () => {
  const skipped = [0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9];
  const overlapping = block(0x24, 0x61, 0x62, 2, 0, 0x10, 0x63);
  const bytes = Uint8Array.of(...HEAD, ...overlapping, ...END, ...skipped, ...HEAD, 1, 0, 0, 0x80, 0x64, ...END);
  expect(Buffer.from(inflateLz4Frames(bytes, MAX)).toString()).toBe('ababababab' + 'cd');
});

test.each<[string, readonly number[]]>([
  ['no frame', [1, 2, 3, 4, 5]],
  ['half a beginning', HEAD.slice(0, 2)],
  ['another version', [0x04, 0x22, 0x4d, 0x18, 0x20, 0x40, 0x82]],
  ['a dictionary', [0x04, 0x22, 0x4d, 0x18, 0x61, 0x40, 0, 0, 0, 0, 0x82]],
  ['no end', [...HEAD, ...block(0x10, 0x61)]],
  ['a block longer than the rest', [...HEAD, 0xff, 0xff, 0xff, 0x7f, 1]],
  ['a literal beyond the block', [...HEAD, ...block(0xf0, 0xff, 0xff, 1), ...END]],
  ['a copy before the beginning', [...HEAD, ...block(0x10, 0x61, 2, 0), ...END]],
  ['a copy from nowhere', [...HEAD, ...block(0x10, 0x61, 0, 0), ...END]],
  ['a copy from another block', [...HEAD, ...block(0x10, 0x61), ...block(0x10, 0x62, 2, 0), ...END]],
])('%s is refused', (_what, bytes) => {
  expect(codeOf(() => inflateLz4Frames(Uint8Array.from(bytes), MAX))).toBe('SPOOR_MALFORMED_SPANS');
});

/** A header with these flags, its claims of sizes, and the right checksum. */
function header(flags: number, ...claims: number[]): number[] {
  const descriptor = Uint8Array.of(flags, 0x40, ...claims);
  return [...HEAD.slice(0, 4), ...descriptor, (xxHash32(descriptor, 0, descriptor.length) >>> 8) & 0xff];
}

function littleEndian(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

const hashOf = (...bytes: number[]) => littleEndian(xxHash32(Uint8Array.from(bytes), 0, bytes.length));
const STORED = [1, 0, 0, 0x80, 0x64];
const SIZE_1 = [1, 0, 0, 0, 0, 0, 0, 0];

test.each<[string, readonly number[], readonly number[]]>([
  ['a header', [...HEAD, ...STORED, ...END], [...HEAD.slice(0, 6), 0x83, ...STORED, ...END]],
  [
    'a block',
    [...header(0x70), ...STORED, ...hashOf(0x64), ...END],
    [...header(0x70), ...STORED, ...hashOf(0x65), ...END],
  ],
  [
    'the content',
    [...header(0x64), ...STORED, ...END, ...hashOf(0x64)],
    [...header(0x64), ...STORED, ...END, ...hashOf(0x65)],
  ],
  [
    'a size',
    [...header(0x68, ...SIZE_1), ...STORED, ...END],
    [...header(0x68, 2, ...SIZE_1.slice(1)), ...STORED, ...END],
  ],
])('what is told of %s is compared', (_what, right, wrong) => {
  expect(Buffer.from(inflateLz4Frames(Uint8Array.from(right), MAX)).toString()).toBe('d');
  expect(codeOf(() => inflateLz4Frames(Uint8Array.from(wrong), MAX))).toBe('SPOOR_MALFORMED_SPANS');
});

test.each([
  ['', 0x02cc5d05],
  ['a', 0x550d7456],
  ['abc', 0x32d153ff],
  ['Nobody inspects the spammish repetition', 0xe2293b2f],
])('the hash of %j is the one that everybody has', (text, hash) => {
  const bytes = Buffer.from(`--${text}-`);
  expect(xxHash32(bytes, 2, bytes.length - 1)).toBe(hash);
});

test('nothing inflates beyond the bound', () => {
  expect(codeOf(() => inflateLz4Frames(golden('1000-lines.lz4'), 207_999))).toBe('SPOOR_REQUEST_TOO_LARGE');
  expect(inflateLz4Frames(golden('1000-lines.lz4'), 208_000)).toHaveLength(208_000);
});

test('every cut is refused, and so is every flipped bit', () => {
  for (let cut = 1; cut < spans.length; cut += 7)
    expect(codeOf(() => inflateLz4Frames(spans.subarray(0, cut), MAX))).toBe('SPOOR_MALFORMED_SPANS');
  for (let bit = 0; bit < spans.length * 8; bit += 13) {
    const flipped = Uint8Array.from(spans);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(['SPOOR_MALFORMED_SPANS', 'SPOOR_REQUEST_TOO_LARGE']).toContain(
      codeOf(() => inflateLz4Frames(flipped, MAX)),
    );
  }
});
