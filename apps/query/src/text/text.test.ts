import { formatRfc3339 } from '@spoor/model';
import { expect, test } from 'vitest';
import { formatGoDuration, parseGoDuration } from './go-duration.ts';
import { parseRfc3339 } from './rfc3339.ts';

test.each([
  ['0', 0n],
  ['200ms', 200_000_000n],
  ['1.5s', 1_500_000_000n],
  ['1h30m', 5_400_000_000_000n],
  ['.5us', 500n],
  ['3µs', 3_000n],
  ['3μs', 3_000n],
  ['-2ns', -2n],
  ['+1m0s', 60_000_000_000n],
])('duration %s', (text, nanos) => {
  expect(parseGoDuration(text)).toBe(nanos);
});

test.each(['', '5', 's', '1.s.', '1d', '10 s', '1e3s', '--1s', 'Infinitys', '9999999h', '1'.repeat(5_000)])(
  'not a duration: %s',
  (text) => {
    expect(() => parseGoDuration(text)).toThrow('is not a duration');
  },
);

test.each([
  [0n, '0s'],
  [999n, '999ns'],
  [1_500n, '1.5µs'],
  [70_000_000n, '70ms'],
  [-2_000_000_000n, '-2s'],
  [5_400_000_000_000n, '1h30m0s'],
  [61_000_000_000n, '1m1s'],
])('%s nanoseconds are written %s', (nanos, text) => {
  expect(formatGoDuration(nanos)).toBe(text);
});

test.each([
  ['2026-01-31T12:00:00Z', 1_769_860_800_000_000_000n],
  ['2026-01-31T12:00:00.123456789Z', 1_769_860_800_123_456_789n],
  ['2026-01-31T14:00:00.5+02:00', 1_769_860_800_500_000_000n],
  ['1970-01-01T00:00:00Z', 0n],
])('time %s', (text, nanos) => {
  expect(parseRfc3339(text)).toBe(nanos);
});

test.each([
  '',
  'yesterday',
  '2026-02-31T00:00:00Z',
  '2026-01-31',
  '2026-01-31T12:00:00',
  '1969-12-31T23:59:59Z',
  '9999-01-01T00:00:00Z',
])('not a time: %s', (text) => {
  expect(() => parseRfc3339(text)).toThrow('is not a time');
});

test('times are written without zeros at their end', () => {
  expect(formatRfc3339(1_769_860_800_500_000_000n)).toBe('2026-01-31T12:00:00.5Z');
  expect(formatRfc3339(1_769_860_800_000_000_000n)).toBe('2026-01-31T12:00:00Z');
});
