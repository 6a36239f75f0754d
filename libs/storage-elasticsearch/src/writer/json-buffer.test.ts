import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonBuffer } from './json-buffer.ts';

function written(write: (out: JsonBuffer) => void): string {
  const out = new JsonBuffer(1);
  write(out);
  return new TextDecoder('utf-8', { fatal: true }).decode(out.content());
}

describe('JSON in bytes', () => {
  test('holds any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(JSON.parse(written((out) => out.string(text)))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test('holds every whole number that doubles count', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (number) => {
        expect(written((out) => out.integer(number))).toBe(String(number));
      }),
      { numRuns: 1_000 },
    );
    expect(written((out) => out.integer(2 ** 53))).toBe('9007199254740992');
  });

  test('holds every number of 64 bits', () => {
    const edges = fc.constantFrom(0n, 1n, (1n << 53n) - 1n, 1n << 53n, (1n << 64n) - 1n, 1_767_225_600_000_000_001n);
    fc.assert(
      fc.property(fc.oneof(edges, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })), (number) => {
        const [high, low] = [Number(number >> 32n), Number(number & 0xffffffffn)];
        expect(written((out) => out.uint64(high, low))).toBe(String(number));
      }),
      { numRuns: 5_000 },
    );
  });
});
