import { SpoorError } from '@spoor/model';
import type { TimeRange } from '../reader.ts';

const DAY_MS = 86_400_000;
const NANOS_PER_MS = 1_000_000n;
const DAY_NANOS = BigInt(DAY_MS) * NANOS_PER_MS;

/** A day of UTC, such as `2026-01-31`. */
export type Day = string;

export function dayOf(unixMs: number): Day {
  return new Date(unixMs).toISOString().slice(0, 10);
}

/** Throws `SPOOR_INVALID_REQUEST` for what is none, also for the 30th of February. */
export function parseDay(text: string): Day {
  const startMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(startMs) && dayOf(startMs) === text) return text;
  throw new SpoorError('SPOOR_INVALID_REQUEST', `${text} is no day; write it as 2026-01-31`);
}

export function startMsOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

export function endMsOf(day: Day): number {
  return startMsOf(day) + DAY_MS - 1;
}

/** From its first nanosecond to its last one. */
export function timeOf(day: Day): TimeRange {
  const startUnixNano = BigInt(startMsOf(day)) * NANOS_PER_MS;
  return { startUnixNano, endUnixNano: startUnixNano + DAY_NANOS - 1n };
}

/** The days that began in the `most` ones up to now, the newest first. */
export function daysUpTo(nowMs: number, most: number): Day[] {
  return Array.from({ length: most }, (_, i) => dayOf(nowMs - i * DAY_MS));
}

/** Which of the days lie in the time from beginning to end. */
export function wholeDays(days: readonly Day[], time: TimeRange): Day[] {
  return days.filter((day) => {
    const { startUnixNano, endUnixNano } = timeOf(day);
    return startUnixNano >= time.startUnixNano && endUnixNano <= time.endUnixNano;
  });
}

/** What is left of the time without these days, which lie in it, in order. */
export function withoutDays(time: TimeRange, days: readonly Day[]): TimeRange[] {
  const left: TimeRange[] = [];
  let from = time.startUnixNano;
  for (const { startUnixNano, endUnixNano } of days.toSorted().map(timeOf)) {
    if (startUnixNano > from) left.push({ startUnixNano: from, endUnixNano: startUnixNano - 1n });
    from = endUnixNano + 1n;
  }
  if (from <= time.endUnixNano) left.push({ startUnixNano: from, endUnixNano: time.endUnixNano });
  return left;
}
