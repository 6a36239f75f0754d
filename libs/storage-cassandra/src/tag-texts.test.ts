import { describe, expect, test } from 'vitest';
import { indexTexts, isIndexable, tenDigits } from './tag-texts.ts';

describe('the text of a double in tag_index', () => {
  // What Go's fmt prints for %.10g.
  test.each([
    [0, '0'],
    [-0, '-0'],
    [500, '500'],
    [0.5, '0.5'],
    [0.1 + 0.2, '0.3'],
    [1 / 3, '0.3333333333'],
    [-2.5e-4, '-0.00025'],
    [1e-4, '0.0001'],
    [1e-5, '1e-05'],
    [1234567890, '1234567890'],
    [12345678901, '1.23456789e+10'],
    [9_999_999_999.6, '1e+10'],
    [1e21, '1e+21'],
    [1.7976931348623157e308, '1.797693135e+308'],
    [5e-324, '4.940656458e-324'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
  ])('%d is %s', (value, text) => {
    expect(tenDigits(value)).toBe(text);
  });
});

describe('what is indexed', () => {
  test('is each value under the texts by which it may be asked for', () => {
    expect(indexTexts('x')).toEqual(['x']);
    expect(indexTexts(true)).toEqual(['true']);
    expect(indexTexts(-5n)).toEqual(['-5']);
    expect(indexTexts(0.5)).toEqual(['0.5']);
    expect(indexTexts(0.1 + 0.2)).toEqual(['0.3', '0.30000000000000004']);
    expect(indexTexts(Uint8Array.of(1, 255))).toEqual(['01ff']);
    expect(indexTexts(new Uint8Array(128))).toEqual([]);
  });

  test('is no JSON object, and nothing of 256 bytes', () => {
    expect(isIndexable('{"a":1}')).toBe(false);
    expect(isIndexable('{a')).toBe(true);
    expect(isIndexable('["a"]')).toBe(true);
    expect(isIndexable('x'.repeat(255))).toBe(true);
    expect(isIndexable('x'.repeat(256))).toBe(false);
    expect(isIndexable('ü'.repeat(127))).toBe(true);
    expect(isIndexable('ü'.repeat(128))).toBe(false);
  });
});
