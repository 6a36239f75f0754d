import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { formatCounted, formatPercent } from './number.ts';
import { formatAge } from './time.ts';

/** The no-break space before a unit, written as a plain one to be readable here. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('formatDuration', () => {
  test.each([
    [0, '0 ms'],
    [1, '1 ns'],
    [999, '999 ns'],
    [87_000, '87 µs'],
    [87_123, '87.1 µs'],
    [999_999.6, '1 ms'],
    [1_240_000_000, '1.24 s'],
    [59_949_999_999, '59.9 s'],
    [59_999_999_999, '1m'],
    [192e9, '3m 12s'],
    [3_599.9e9, '1h'],
    [7_500e9, '2h 05m'],
    [90_000e9, '1d 01h'],
    [-5e6, '−5 ms'],
    [Number.NaN, '–'],
  ])('%d ns is %s', (nanos, text) => {
    expect(plain(formatDuration(nanos))).toBe(text);
  });

  test('never shows a value that its next larger unit should show', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 59.94e9, noNaN: true }), (nanos) => {
        const [value = '', unit = ''] = plain(formatDuration(nanos)).split(' ');
        expect(Number(value)).toBeGreaterThanOrEqual(1);
        expect(Number(value)).toBeLessThan(1_000);
        expect(['ns', 'µs', 'ms', 's']).toContain(unit);
      }),
    );
  });
});

describe('parseDuration', () => {
  test.each([
    ['100ms', 1e8],
    ['1.5s', 1.5e9],
    ['1m30s', 9e10],
    ['250 µs', 250_000],
    ['250us', 250_000],
    ['2h', 7.2e12],
  ])('reads %s', (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });

  test.each(['', '100', 's', '1x', '1s 5', '-1s', '1e3s', '1..5s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

test.each([
  [1_000, 'just now'],
  [12_000, '12 s ago'],
  [59_400, '59 s ago'],
  [240_000, '4 min ago'],
  [7_200_000, '2 h ago'],
  [172_800_000, '2 d ago'],
  [-60_000, 'in 1 min'],
])('an age of %d ms is %s', (ageMs, text) => {
  expect(plain(formatAge(1e12, 1e12 + ageMs))).toBe(text);
});

test('counts and shares', () => {
  expect(plain(formatCounted(1, 'span'))).toBe('1 span');
  expect(plain(formatCounted(12_345, 'span'))).toBe('12,345 spans');
  expect(plain(formatPercent(0.1234))).toBe('12.3 %');
  expect(plain(formatPercent(0.0001))).toBe('<0.1 %');
});
