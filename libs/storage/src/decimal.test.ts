import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareWithDecimal, decimalOf, parseDecimal } from './decimal.ts';

/** Sign of digits × 10^exponent − otherDigits × 10^otherExponent. */
function exactOrder(digits: bigint, exponent: number, otherDigits: bigint, otherExponent: number): number {
  const least = Math.min(exponent, otherExponent);
  const difference = digits * 10n ** BigInt(exponent - least) - otherDigits * 10n ** BigInt(otherExponent - least);
  return Number(difference > 0n) - Number(difference < 0n);
}

/** The decimal number that a double is written as. */
function written(double: number): readonly [bigint, number] {
  const [, text = '', power = '0'] = /^([^e]+)(?:e(.+))?$/.exec(String(double)) ?? [];
  return [BigInt(text.replace('.', '')), Number(power) - (text.split('.')[1]?.length ?? 0)];
}

const double = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer().map(Number));
const digits = fc.oneof(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.bigInt({ min: -1_000n, max: 1_000n }));
const exponent = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -340, max: 320 }));

test('doubles compare with any decimal as the number that they are written as', () => {
  fc.assert(
    fc.property(double, digits, exponent, (value, whole, power) => {
      const order = Math.sign(compareWithDecimal(value, decimalOf(`${whole}e${power}`)));
      expect(order + 0).toBe(exactOrder(...written(value), whole, power));
    }),
  );
});

test('doubles equal what they are written as, and differ from what lies beside it', () => {
  fc.assert(
    fc.property(double, (value) => {
      const [whole, power] = written(value);
      expect(compareWithDecimal(value, decimalOf(String(value))) + 0).toBe(0);
      expect(compareWithDecimal(value, decimalOf(`${whole * 1000n + 1n}e${power - 3}`))).toBeLessThan(0);
      expect(compareWithDecimal(value, decimalOf(`${whole * 1000n - 1n}e${power - 3}`))).toBeGreaterThan(0);
    }),
  );
});

test('integers compare with any decimal as they are', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), digits, exponent, (value, whole, power) => {
      const order = Math.sign(compareWithDecimal(value, decimalOf(`${whole}e${power}`)));
      expect(order + 0).toBe(exactOrder(value, 0, whole, power));
    }),
  );
});

test('what is not a number compares with none', () => {
  expect(compareWithDecimal(Number.NaN, decimalOf('0'))).toBeNaN();
});

test.each(['', '.', '-', '+.', 'e5', '5e', '0x1', '1_0', ' 1', '1 ', '1e12345', `0.${'1'.repeat(1_200)}`])(
  '%j is not taken for a decimal number',
  (text) => {
    expect(parseDecimal(text)).toBeUndefined();
    expect(() => decimalOf(text)).toThrow(/is not a decimal number/);
  },
);

test.each([
  ['5', 5n, true],
  ['-5.', -5n, true],
  ['-5.5', -6n, false],
  ['.5', 0n, false],
  ['-0.0', 0n, true],
  ['1.5e1', 15n, true],
  ['+1e3', 1000n, true],
])('%j lies at or above %d', (text, floor, isWhole) => {
  expect(parseDecimal(text)).toMatchObject({ floor, isWhole });
});
