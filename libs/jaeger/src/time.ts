/** Nanoseconds of a second. */
export const SECOND = 1_000_000_000n;
/** OTLP's times are unsigned 64-bit numbers of nanoseconds. */
export const LATEST_TIME = (1n << 64n) - 1n;

export function isTime(unixNano: bigint): boolean {
  return unixNano >= 0n && unixNano <= LATEST_TIME;
}

/** Microseconds, signed, as OTLP's nanoseconds; what lies outside of its range becomes the latest time, which no span may have. */
export function nanosOfMicros(micros: bigint): bigint {
  const nanos = micros * 1000n;
  return isTime(nanos) ? nanos : LATEST_TIME;
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Nanoseconds since the Unix epoch of an RFC 3339 time, negative before it. `undefined` when it is not one. */
export function timeOfText(text: string): bigint | undefined {
  const parts = TIMESTAMP.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [number, number, ...number[]];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day!);
  date.setUTCHours(hour!, minute, second);
  // A 30th of February moves the month, a 25th hour the day: what comes out is not what was written.
  const isSame = date.toISOString().startsWith(text.slice(0, 19).toUpperCase());
  const offsetMinutes = Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0);
  if (!isSame || Number(parts[9] ?? 0) > 23 || Number(parts[10] ?? 0) > 59) return undefined;
  const seconds = BigInt(date.getTime() / 1000) - BigInt(parts[8] === '-' ? -offsetMinutes : offsetMinutes) * 60n;
  return seconds * SECOND + fraction(parts[7]);
}

/** RFC 3339 with as many groups of three digits of a second as are needed. `unixNano` is a time of OTLP's range. */
export function textOfTime(unixNano: bigint): string {
  const whole = new Date(Number(unixNano / SECOND) * 1000).toISOString().slice(0, 19);
  return `${whole}${fractionText(unixNano % SECOND)}Z`;
}

/** Nanoseconds of a proto3 JSON duration, such as `-1.5s`. `undefined` when it is not one. */
export function durationOfText(text: string): bigint | undefined {
  const parts = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(text);
  if (parts === null) return undefined;
  const nanos = BigInt(parts[2]!) * SECOND + fraction(parts[3]);
  return parts[1] === '-' ? -nanos : nanos;
}

export function textOfDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size / SECOND}${fractionText(size % SECOND)}s`;
}

function fraction(digits: string | undefined): bigint {
  return BigInt((digits ?? '').padEnd(9, '0'));
}

function fractionText(nanos: bigint): string {
  if (nanos === 0n) return '';
  return `.${String(nanos)
    .padStart(9, '0')
    .replace(/(?:000){1,2}$/, '')}`;
}
