import { SpoorError } from '@spoor/model';

const NANOS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1_000,
  µs: 1_000,
  μs: 1_000,
  ms: 1_000_000,
  s: 1_000_000_000,
  m: 60_000_000_000,
  h: 3_600_000_000_000,
};

/** What an int64 of nanoseconds holds, about 292 years; durations as Go writes them go no further. */
const MAX_NANOS = 2n ** 63n - 1n;

/** Reads a duration as Go writes it (`1h30m`, `1.5ms`, `200us`, `0`), in nanoseconds. Throws `SPOOR_INVALID_REQUEST`. */
export function parseGoDuration(text: string): bigint {
  const unsigned = text.replace(/^[+-]/, '');
  const negative = text.startsWith('-');
  if (unsigned === '0') return 0n;
  // One token may not begin inside another, so a text of any length is read in linear time.
  const token = /(\d{0,20})(?:\.(\d{0,20}))?(ns|us|µs|μs|ms|s|m|h)/y;
  let nanos = 0n;
  let position = 0;
  while (position < unsigned.length) {
    token.lastIndex = position;
    const match = token.exec(unsigned);
    const [whole, integer = '', fraction = '', unit = ''] = match ?? [];
    if (whole === undefined || (integer === '' && fraction === '')) throw invalidDuration(text);
    nanos += nanosOf(integer, fraction, BigInt(NANOS_PER_UNIT[unit] ?? 1));
    if (nanos > MAX_NANOS) throw invalidDuration(text);
    position += whole.length;
  }
  if (position === 0) throw invalidDuration(text);
  return negative ? -nanos : nanos;
}

function nanosOf(integer: string, fraction: string, unit: bigint): bigint {
  const whole = BigInt(integer || '0') * unit;
  if (fraction === '') return whole;
  return whole + (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length);
}

function invalidDuration(text: string): SpoorError {
  return new SpoorError(
    'SPOOR_INVALID_REQUEST',
    `${JSON.stringify(text.slice(0, 100))} is not a duration; write it like 200ms, 1.5s or 1h30m`,
  );
}

/** Writes nanoseconds as Go prints a duration: `1h30m0s`, `1.5ms`, `-2µs`, `0s`. */
export function formatGoDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const rest = nanos < 0n ? -nanos : nanos;
  if (rest < 1_000n) return `${sign}${rest}ns`;
  if (rest < 1_000_000n) return `${sign}${decimal(rest, 3)}µs`;
  if (rest < 1_000_000_000n) return `${sign}${decimal(rest, 6)}ms`;
  const hours = rest / 3_600_000_000_000n;
  const minutes = (rest / 60_000_000_000n) % 60n;
  const seconds = `${decimal(rest % 60_000_000_000n, 9)}s`;
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/** `value` / 10^`digits`, without zeros at its end. */
function decimal(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(digits);
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
