import { SpoorError } from '@spoor/model';

/** More than any double has digits. */
const MAX_LENGTH = 1_200;
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * A decimal number of any size, kept so that attributes compare with it exactly: integers as they are, and doubles as the
 * decimal number that they are written as, so that 0.1 equals `0.1`, although the double itself lies a little above it.
 */
export interface Decimal {
  /** The double next to it; infinite where it is larger than all doubles. */
  readonly nearest: number;
  /** −1 when it lies below what `nearest` is written as, 1 when above, 0 when it is that very number. */
  readonly besideNearest: -1 | 0 | 1;
  /** The greatest whole number that is not above it. */
  readonly floor: bigint;
  readonly isWhole: boolean;
}

/** Such as `500`, `-0.5`, `.5` and `6.02e23`. `undefined` for everything else, and for exponents of more than four digits. */
export function parseDecimal(text: string): Decimal | undefined {
  const ratio = text.length > MAX_LENGTH ? undefined : ratioOf(text);
  if (ratio === undefined) return undefined;
  const [numerator, denominator] = ratio;
  const isWhole = numerator % denominator === 0n;
  const floor = numerator / denominator - (isWhole || numerator > 0n ? 0n : 1n);
  const nearest = Number(text);
  return { nearest, besideNearest: beside(ratio, nearest), floor, isWhole };
}

/** As {@link parseDecimal}; throws `SPOOR_INVALID_REQUEST`. */
export function decimalOf(text: string): Decimal {
  const decimal = parseDecimal(text);
  if (decimal === undefined)
    throw new SpoorError(
      'SPOOR_INVALID_REQUEST',
      `${JSON.stringify(text.slice(0, 200))} is not a decimal number; only numbers compare as less or greater`,
    );
  return decimal;
}

/** Below 0 when `value` is less than the decimal, 0 when both are equal, above 0 when it is greater; `NaN` for `NaN`. */
export function compareWithDecimal(value: bigint | number, decimal: Decimal): number {
  if (typeof value === 'number') return value === decimal.nearest ? -decimal.besideNearest : value - decimal.nearest;
  if (value === decimal.floor) return decimal.isWhole ? 0 : -1;
  return value < decimal.floor ? -1 : 1;
}

/** Numerator and denominator, the latter above 0. */
type Ratio = readonly [bigint, bigint];

function ratioOf(text: string): Ratio | undefined {
  const [, sign, whole = '', fraction = '', exponentText = '0'] = FORM.exec(text) ?? [];
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const exponent = Number(exponentText) - fraction.length;
  return exponent < 0 ? [digits, 10n ** BigInt(-exponent)] : [digits * 10n ** BigInt(exponent), 1n];
}

function beside([numerator, denominator]: Ratio, nearest: number): -1 | 0 | 1 {
  const written = ratioOf(String(nearest));
  // Infinite.
  if (written === undefined) return nearest > 0 ? -1 : 1;
  const difference = numerator * written[1] - written[0] * denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}
