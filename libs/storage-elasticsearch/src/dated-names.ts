import type { Clock } from '@spoor/model';
import type { ElasticsearchConfig } from './settings.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Clocks of writers and readers differ: a span that was too old for its own day there may not seem so here. */
const CLOCK_TOLERANCE_MS = DAY_MS;
/** Longer lists become patterns: the first line of a request has at most 4 KiB on the server. */
const MAX_NAMES = 40;
const MAX_LIST_CHARACTERS = 1_500;

/** Inclusive, milliseconds since the Unix epoch. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** The names of indices that hold a day or an hour each. */
export interface DatedNames {
  forWriting(unixMs: number): string;
  /** Of days and of hours, whichever is written: what was written before the frequency changed is read as well. */
  forReading(range?: TimeSpan): string[];
  /** What an index holds by its name; `undefined` when it is not one of these indices. */
  periodOf(index: string): TimeSpan | undefined;
}

type DatedNameSettings = Pick<ElasticsearchConfig, 'oldestSpanAge' | 'remoteClusters'> & {
  readonly rotation: Pick<ElasticsearchConfig['rotation'], 'frequency' | 'dateSeparator'>;
};

/** `base` is what stands before the date, without the dash. */
export function datedNames(base: string, settings: DatedNameSettings, clock: Clock): DatedNames {
  const { rotation, oldestSpanAge, remoteClusters } = settings;
  const separator = rotation.dateSeparator;
  const isHourly = rotation.frequency === 'hour';
  const between = RegExp.escape(separator);
  const period = new RegExp(`^(\\d{4})${between}(\\d{2})${between}(\\d{2})(?:-(\\d{2}))?$`);

  const dayOf = (unixMs: number) => `${base}-${new Date(unixMs).toISOString().slice(0, 10).replaceAll('-', separator)}`;
  const hourOf = (unixMs: number) => `${dayOf(unixMs)}-${new Date(unixMs).toISOString().slice(11, 13)}`;
  const wholeDayOf = (unixMs: number) => `${dayOf(unixMs)}*`;
  const nameOf = isHourly ? hourOf : dayOf;

  function periods(startMs: number, endMs: number, everything: string[]): string[] {
    if (endMs < startMs) return [];
    if (isHourly && (endMs - startMs) / HOUR_MS <= 24) {
      const names = [...listOf(startMs, endMs, DAY_MS, dayOf), ...listOf(startMs, endMs, HOUR_MS, hourOf)];
      if (fits(names)) return names;
    }
    if ((endMs - startMs) / DAY_MS <= MAX_NAMES) {
      const days = listOf(startMs, endMs, DAY_MS, wholeDayOf);
      if (fits(days)) return days;
    }
    const monthOf = (ms: number) => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth();
    const [first, last] = [monthOf(startMs), monthOf(endMs)];
    if (last - first >= MAX_NAMES) return everything;
    const months = Array.from({ length: last - first + 1 }, (_, i) => {
      const [year, month] = [Math.floor((first + i) / 12), ((first + i) % 12) + 1];
      return `${base}-${year}${separator}${String(month).padStart(2, '0')}*`;
    });
    return fits(months) ? months : everything;
  }

  function fits(names: readonly string[]): boolean {
    const characters = names.reduce((sum, name) => sum + name.length + 1, 0);
    return names.length <= MAX_NAMES + 1 && characters * (1 + remoteClusters.length) <= MAX_LIST_CHARACTERS;
  }

  return {
    // Spans with absurd or missing times share an index, so that a bad clock does not make thousands of them.
    forWriting: (unixMs) => nameOf(unixMs < clock.nowMs() - oldestSpanAge ? 0 : unixMs),
    forReading(range) {
      // Dates begin with 1 or 2, which keeps `…-archive` and `…-000001` apart.
      const everything = [`${base}-1*`, `${base}-2*`];
      if (range === undefined) return everything;
      const startMs = Math.max(0, range.startMs);
      // What is further ahead is not stored.
      const endMs = Math.min(range.endMs, clock.nowMs() + 366 * DAY_MS);
      const names = periods(startMs, endMs, everything);
      const ancient = wholeDayOf(0);
      const mayBeAncient = startMs < clock.nowMs() - oldestSpanAge + CLOCK_TOLERANCE_MS;
      return mayBeAncient && names !== everything && !names.includes(ancient) ? [ancient, ...names] : names;
    },
    periodOf(index) {
      const match = index.startsWith(`${base}-`) ? period.exec(index.slice(base.length + 1)) : null;
      if (match === null) return undefined;
      const [, year, month, day, hour] = match;
      const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0));
      return { startMs, endMs: startMs + (hour === undefined ? DAY_MS : HOUR_MS) - 1 };
    },
  };
}

/** The periods that the range touches. */
function listOf(startMs: number, endMs: number, stepMs: number, name: (ms: number) => string): string[] {
  const names: string[] = [];
  for (let at = Math.floor(startMs / stepMs) * stepMs; at <= endMs; at += stepMs) names.push(name(at));
  return names;
}
