import { SpoorError } from '@spoor/model';

const PATTERN = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d{0,20})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** What the fixed64 times of OTLP can hold. */
const MAX_UNIX_NANO = 2n ** 64n - 1n;

/** Reads RFC 3339 with up to nanoseconds (finer digits are cut), as nanoseconds since the Unix epoch. Throws `SPOOR_INVALID_REQUEST`. */
export function parseRfc3339(text: string): bigint {
  const match = text.length <= 64 ? PATTERN.exec(text) : null;
  if (match === null) throw invalidTime(text);
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] = match;
  const milliseconds = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  // Date.UTC carries 31 February over into March; what it makes of the parts must be the parts.
  if (new Date(milliseconds).toISOString().slice(0, 19) !== `${year}-${month}-${day}T${hour}:${minute}:${second}`)
    throw invalidTime(text);
  const offsetMinutes = (sign === '-' ? -1 : 1) * (Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0));
  const nanos = BigInt(milliseconds - offsetMinutes * 60_000) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
  if (nanos < 0n || nanos > MAX_UNIX_NANO) throw invalidTime(text);
  return nanos;
}

function invalidTime(text: string): SpoorError {
  return new SpoorError(
    'SPOOR_INVALID_REQUEST',
    `${JSON.stringify(text.slice(0, 100))} is not a time since 1970; write it like 2026-01-31T12:00:00.5Z (RFC 3339)`,
  );
}
