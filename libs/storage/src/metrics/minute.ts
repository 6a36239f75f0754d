/** A minute is 2^11 × 29,296,875 nanoseconds: without the lower eleven bits the time is a whole number that a double holds. */
const MINUTE = 29_296_875;

/** The minute since the Unix epoch of a time in nanoseconds, given as its unsigned halves. */
export function minuteOf(high: number, low: number): number {
  return Math.floor((high * 2 ** 21 + (low >>> 11)) / MINUTE);
}

/** Nanoseconds from one time to another, given as their unsigned halves; 0 when the end lies before the start. */
export function nanosBetween(startHigh: number, startLow: number, endHigh: number, endLow: number): number {
  return Math.max((endHigh - startHigh) * 2 ** 32 + (endLow - startLow), 0);
}
