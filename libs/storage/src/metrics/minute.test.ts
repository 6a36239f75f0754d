import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minuteOf, nanosBetween } from './minute.ts';

const halves = (nanos: bigint) => [Number(nanos >> 32n), Number(nanos & 0xffffffffn)] as const;
/** To the year 2262, and close to the beginnings of minutes. */
const times = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  fc
    .record({ minute: fc.bigInt({ min: 1n, max: 150_000_000n }), off: fc.bigInt({ min: -3000n, max: 3000n }) })
    .map(({ minute, off }) => minute * 60_000_000_000n + off),
);

test('the minute is the exact one', () => {
  fc.assert(
    fc.property(times, (nanos) => {
      expect(minuteOf(...halves(nanos))).toBe(Number(nanos / 60_000_000_000n));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('a span that ends before it starts took no time', () => {
  expect(nanosBetween(...halves(2n ** 32n), ...halves(2n ** 32n + 7n))).toBe(7);
  expect(nanosBetween(...halves(2n ** 33n), ...halves(5n))).toBe(0);
});
