import type { TimeRange } from '@spoor/storage';
import type { TimeSpan } from '../index-names.ts';

const NANOS_PER_MS = 1_000_000n;

/** The range in milliseconds, never shorter than it is. */
export function millisOf({ startUnixNano, endUnixNano }: TimeRange): TimeSpan {
  return { startMs: Number(startUnixNano / NANOS_PER_MS), endMs: Number(endUnixNano / NANOS_PER_MS) };
}
