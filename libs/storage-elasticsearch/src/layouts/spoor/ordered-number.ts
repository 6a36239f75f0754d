import type { Decimal } from '@spoor/storage';

/**
 * Numbers as short ASCII text whose order is the numbers' order, so that a range of terms is a range of numbers. Integers of 64
 * bits and doubles share one order, also beyond 2^53. There a double stands for the whole number that its text is: that is what
 * it compares as (`compareWithDecimal`).
 *
 * A number is sign · 2^exponent · (1 + fraction). Text of a positive one: `p`, the exponent + 1074 as three hex digits, the
 * fraction's hex digits without trailing zeros. Of a negative one: `n`, each of these digits subtracted from `f`, and a `g`,
 * which stands above every digit: what goes on is smaller. Zero is `o`. `NaN` compares with nothing and has no text.
 */
export const ZERO = 'o';
/** Every number's text lies from the first, inclusive, to the second, exclusive. */
export const NUMBERS_FROM = 'n';
export const NUMBERS_BEFORE = 'q';

const INFINITY_TEXT = 'pz';
const MINUS_INFINITY_TEXT = 'n-';
const EXPONENT_BIAS = 1_074;
/** The longest text: sign, exponent, the digits of a fraction of 70 bits, `g`. */
export const MAX_NUMBER_LENGTH = 23;
/** From here on the text of a double has an exponent, and no 64-bit integer compares with it closely. */
const EXPONENTIAL = 1e21;

const AFTER_NEGATIVE = 0x67;

const double = new Float64Array(1);
/** Of `double`; the lower half first, as on every platform that Node runs on. */
const halves = new Uint32Array(double.buffer);
const text = new Uint8Array(MAX_NUMBER_LENGTH);

/** `undefined` for `NaN`. */
export function orderedNumber(value: number | bigint): string | undefined {
  const length = typeof value === 'bigint' ? putInteger(value, text) : putDouble(value, text, 0);
  return length === 0 ? undefined : String.fromCharCode(...text.subarray(0, length));
}

function putInteger(value: bigint, out: Uint8Array): number {
  const bits = BigInt.asUintN(64, value);
  return putInt64(Number(bits >> 32n), Number(bits & 0xffffffffn), out, 0);
}

/** Writes a signed 64-bit integer, given as its unsigned halves, at `at`, which must have the room; returns the length. */
export function putInt64(high: number, low: number, out: Uint8Array, at: number): number {
  const isNegative = high >= 0x80000000;
  let upper = high;
  let lower = low;
  if (isNegative) {
    lower = -low >>> 0;
    upper = (~high + (low === 0 ? 1 : 0)) >>> 0;
  }
  if (upper === 0 && lower === 0) return putAscii(ZERO, out, at);
  const exponent = upper === 0 ? 31 - Math.clz32(lower) : 63 - Math.clz32(upper);
  // The leading one goes out at the left; what is left is the fraction.
  const shift = 64 - exponent;
  if (shift >= 64) upper = lower = 0;
  else if (shift >= 32) {
    upper = shift === 32 ? lower : lower << (shift - 32);
    lower = 0;
  } else {
    upper = (upper << shift) | (lower >>> (32 - shift));
    lower <<= shift;
  }
  return putParts(isNegative, exponent, upper >>> 0, lower >>> 0, out, at);
}

/** Writes a double at `at`, which must have the room; returns the length, 0 for `NaN`. */
export function putDouble(value: number, out: Uint8Array, at: number): number {
  if (value === 0) return putAscii(ZERO, out, at);
  if (!Number.isFinite(value)) {
    if (Number.isNaN(value)) return 0;
    return putAscii(value > 0 ? INFINITY_TEXT : MINUS_INFINITY_TEXT, out, at);
  }
  if (Math.abs(value) >= 2 ** 53 && Math.abs(value) < EXPONENTIAL) return putWhole(BigInt(String(value)), out, at);
  double[0] = value;
  let shift = 0;
  if ((halves[1]! & 0x7ff00000) === 0) {
    // Too small for a leading one. Multiplying by a power of two is exact.
    shift = 60;
    double[0] = value * 2 ** 60;
  }
  const [low, high] = [halves[0]!, halves[1]!];
  const exponent = ((high >>> 20) & 0x7ff) - 1_023 - shift;
  return putParts(value < 0, exponent, ((high << 12) | (low >>> 20)) >>> 0, (low << 12) >>> 0, out, at);
}

/** A whole number other than zero, of any size below 2^71. */
function putWhole(value: bigint, out: Uint8Array, at: number): number {
  const isNegative = value < 0n;
  const binary = (isNegative ? -value : value).toString(2);
  const fraction = binary.slice(1);
  const digits = BigInt(`0b${fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0') || '0'}`)
    .toString(16)
    .padStart(Math.ceil(fraction.length / 4), '0')
    .replace(/0+$/, '');
  let end = at + putParts(isNegative, fraction.length, 0, 0, out, at);
  if (isNegative) end -= 1;
  for (const digit of digits) out[end++] = hexDigit(Number.parseInt(digit, 16) ^ (isNegative ? 15 : 0));
  if (isNegative) out[end++] = AFTER_NEGATIVE;
  return end - at;
}

function putAscii(ascii: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < ascii.length; i += 1) out[at + i] = ascii.charCodeAt(i);
  return ascii.length;
}

function putParts(
  isNegative: boolean,
  exponent: number,
  fractionHigh: number,
  fractionLow: number,
  out: Uint8Array,
  at: number,
): number {
  const flip = isNegative ? 15 : 0;
  const biased = exponent + EXPONENT_BIAS;
  let end = at;
  out[end++] = isNegative ? 0x6e : 0x70;
  out[end++] = hexDigit((biased >>> 8) ^ flip);
  out[end++] = hexDigit(((biased >>> 4) & 15) ^ flip);
  out[end++] = hexDigit((biased & 15) ^ flip);
  let high = fractionHigh;
  let low = fractionLow;
  while (high !== 0 || low !== 0) {
    out[end++] = hexDigit((high >>> 28) ^ flip);
    high = ((high << 4) | (low >>> 28)) >>> 0;
    low = (low << 4) >>> 0;
  }
  if (isNegative) out[end++] = AFTER_NEGATIVE;
  return end - at;
}

function hexDigit(value: number): number {
  return value < 10 ? 0x30 + value : 0x57 + value;
}

/** 2^53: up to here every whole number is a double. */
const DENSE = 1n << 53n;
const INT64 = 1n << 63n;

/** Bounds of the texts of all numbers that compare so with a decimal number, whatever its size and digits. */
export function boundsOf(
  operator: 'gt' | 'gte' | 'lt' | 'lte',
  decimal: Decimal,
): { readonly gt?: string; readonly gte?: string; readonly lt?: string; readonly lte?: string } {
  const { number, side } = placeOf(decimal);
  const bound = orderedNumber(number)!;
  if (operator === 'gt' || operator === 'gte') {
    const isIncluded = side < 0 || (side === 0 && operator === 'gte');
    return { [isIncluded ? 'gte' : 'gt']: bound, lt: NUMBERS_BEFORE };
  }
  const isIncluded = side > 0 || (side === 0 && operator === 'lte');
  return { gte: NUMBERS_FROM, [isIncluded ? 'lte' : 'lt']: bound };
}

/** The number that the decimal is (`side` 0), or one beside it with no double and no 64-bit integer between. */
function placeOf({ nearest, besideNearest, floor, isWhole }: Decimal): { number: number | bigint; side: number } {
  const isLarge = floor >= DENSE || floor <= -DENSE;
  if (isLarge && floor >= -INT64 && floor < INT64) return { number: floor, side: isWhole ? 0 : 1 };
  return { number: nearest, side: besideNearest };
}
