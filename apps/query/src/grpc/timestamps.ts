import { SpoorError } from '@spoor/model';

/** As proto-loader gives `google.protobuf.Timestamp` and `Duration` with 64-bit integers as text. */
export interface ProtoTime {
  readonly seconds?: string;
  readonly nanos?: number;
}

const MAX_UNIX_NANO = 2n ** 64n - 1n;

/** Nanoseconds of a `Timestamp` or a `Duration` that may not lie before zero. Throws `SPOOR_INVALID_REQUEST`. */
export function nanosOf(field: string, value: ProtoTime | null | undefined): bigint | undefined {
  if (value === null || value === undefined) return undefined;
  const nanos = BigInt(value.seconds ?? '0') * 1_000_000_000n + BigInt(value.nanos ?? 0);
  if (nanos < 0n || nanos > MAX_UNIX_NANO)
    throw new SpoorError('SPOOR_INVALID_REQUEST', `${field} is out of range: from 0 to 2^64 - 1 nanoseconds`);
  return nanos;
}
