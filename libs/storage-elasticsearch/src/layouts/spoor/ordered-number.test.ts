import { compareWithDecimal, decimalOf } from '@spoor/storage';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsOf, MAX_NUMBER_LENGTH, orderedNumber } from './ordered-number.ts';

/** Every 64-bit integer and every double, those about powers of two often: there the text gains or loses a digit. */
const integer = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
const nearPower = fc
  .tuple(fc.integer({ min: 0, max: 62 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
  .map(([power, beside, isNegative]) => ((1n << BigInt(power)) + BigInt(beside)) * (isNegative ? -1n : 1n));
const double = fc.oneof(
  fc.double({ noNaN: true }),
  nearPower.map(Number),
  fc.constantFrom(
    5e-324,
    -5e-324,
    2 ** -1022,
    Number.MAX_VALUE,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
  ),
);
const number = fc.oneof(integer, nearPower, double);

/** As the contract has it: a large double compares as the whole number that its text is. */
function asCompared(value: number | bigint): number | bigint {
  return typeof value === 'number' && /^-?\d{16,}$/.test(String(value)) ? BigInt(String(value)) : value;
}

/** JavaScript compares a bigint with a double by their exact values. */
function compare(x: number | bigint, y: number | bigint): number {
  const [a, b] = [asCompared(x), asCompared(y)];
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

function compareText(a: string, b: string): number {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

describe('a number as ordered text', () => {
  test('sorts as the numbers do, integers against doubles too', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(compareText(orderedNumber(a)!, orderedNumber(b)!)).toBe(compare(a, b));
      }),
      { numRuns: 5_000 },
    );
  });

  test('sorts neighbours that a double cannot tell apart', () => {
    const texts = [2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n, 2n ** 62n, 2n ** 62n + 1n].map((n) => orderedNumber(n)!);
    expect(texts).toEqual([...texts].sort());
    expect(new Set(texts).size).toBe(5);
    expect(orderedNumber(2n ** 53n)).toBe(orderedNumber(2 ** 53));
  });

  test('is short, and ASCII that JSON takes as it is', () => {
    fc.assert(
      fc.property(number, (n) => {
        expect(orderedNumber(n)).toMatch(/^[a-z0-9-]+$/);
        expect(orderedNumber(n)!.length).toBeLessThanOrEqual(MAX_NUMBER_LENGTH);
      }),
    );
    expect([200n, 1n, 0n, -1n, 0.5].map(orderedNumber)).toEqual(['p4399', 'p432', 'o', 'nbcdg', 'p431']);
  });

  test('is none for what is not a number', () => {
    expect(orderedNumber(Number.NaN)).toBeUndefined();
  });
});

describe('bounds', () => {
  const digits = fc.stringMatching(/^[0-9]{1,22}$/);
  const decimalText = fc.oneof(
    fc
      .tuple(fc.constantFrom('', '-'), digits, fc.option(digits), fc.option(fc.integer({ min: -330, max: 320 })))
      .map(([sign, whole, fraction, exponent]) => {
        return `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`;
      }),
    nearPower.map(String),
    nearPower.map((n) => `${n}.5`),
    integer.map((n) => `${n}.000000000000000000001`),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  );
  /** About the decimal number itself, where it matters. */
  const numberAbout = (text: string) => {
    const { nearest, floor } = decimalOf(text);
    const whole = floor >= -(1n << 63n) && floor < 1n << 63n ? [floor, floor + 1n, floor - 1n] : [];
    return fc.oneof(
      fc.constantFrom<number | bigint>(nearest, nearest * (1 + 2 ** -52), nearest * (1 - 2 ** -53), ...whole),
      number,
    );
  };

  test('hold exactly the numbers that compare so with any decimal number', () => {
    fc.assert(
      fc.property(
        decimalText.chain((text) => fc.tuple(fc.constant(text), numberAbout(text))),
        fc.constantFrom('gt' as const, 'gte' as const, 'lt' as const, 'lte' as const),
        ([text, value], operator) => {
          const stored = typeof value === 'bigint' ? BigInt.asIntN(64, value) : value;
          const order = compareWithDecimal(stored, decimalOf(text));
          const holds = { gt: order > 0, gte: order >= 0, lt: order < 0, lte: order <= 0 }[operator];
          const { gt, gte, lt, lte } = boundsOf(operator, decimalOf(text));
          const term = orderedNumber(stored)!;
          const isWithin =
            (gt === undefined || term > gt) &&
            (gte === undefined || term >= gte) &&
            (lt === undefined || term < lt) &&
            (lte === undefined || term <= lte);
          expect(isWithin).toBe(holds);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
