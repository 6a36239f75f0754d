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

/** Of kinds that may be one, by the stem of their indices (CONTRACT §5.1). */
const DATA_STREAMS: Readonly<Record<string, string>> = { 'jaeger-span': 'jaeger.spans', 'spoor-span': 'spoor.spans' };

/** Where the documents of one kind lie (CONTRACT §5.1). */
export interface IndexNames {
  /** Prefix and stem, such as `prod-spoor-span`; of a data stream its name. */
  readonly base: string;
  readonly isStream: boolean;
  /** The index, or the write alias, of a document of that time. Few different ones, whatever the times. */
  forWriting(unixMs: number): string;
  /**
   * Names and patterns that together hold all documents of the range, or all there are. Some may not exist: reads say
   * `ignore_unavailable=true`. Those of remote clusters are among them.
   */
  forReading(range?: TimeSpan): readonly string[];
  /** A pattern of the indices themselves, for lists and templates. It may match those of a longer stem: see `periodOf`. */
  readonly pattern: string;
  /** What a periodic index holds by its name; `undefined` when it is not one of these indices. */
  periodOf(index: string): TimeSpan | undefined;
  /** The number of an index behind an alias or a stream, such as 1 of `spoor-span-000001`; `undefined` when it is none. */
  numberOf(index: string): number | undefined;
  readonly writeAlias: string;
  readonly readAlias: string;
}

export type IndexNameSettings = Pick<ElasticsearchConfig, 'indexPrefix' | 'oldestSpanAge' | 'remoteClusters'> & {
  readonly rotation: Pick<ElasticsearchConfig['rotation'], 'type' | 'frequency' | 'dateSeparator'>;
};

/** A trailing dash of the prefix is not doubled; data streams have a dot in its place (CONTRACT §5.1). */
export function prefixed(prefix: string, stem: string, joint: '-' | '.' = '-'): string {
  return prefix === '' ? stem : `${prefix.replace(/-$/, '')}${joint}${stem}`;
}

/** `stem` is the name without prefix and date, such as `spoor-span`. Kinds without a data stream of their own are periodic then. */
export function createIndexNames(stem: string, settings: IndexNameSettings, clock: Clock): IndexNames {
  const stream = settings.rotation.type === 'data_stream' ? DATA_STREAMS[stem] : undefined;
  return stream === undefined ? indexNames(stem, settings, clock) : streamNames(stream, settings);
}

function streamNames(stem: string, { indexPrefix, remoteClusters }: IndexNameSettings): IndexNames {
  const base = prefixed(indexPrefix, stem, '.');
  const names = [base, ...remoteClusters.map((cluster) => `${cluster}:${base}`)];
  // Elasticsearch has the day in it.
  const backing = new RegExp(`^\\.ds-${RegExp.escape(base)}-(?:\\d{4}\\.\\d{2}\\.\\d{2}-)?(\\d{6,})$`);
  return {
    base,
    isStream: true,
    // A name that is not there would be a fault, a pattern is none.
    pattern: `${base}*`,
    writeAlias: base,
    readAlias: base,
    forWriting: () => base,
    forReading: () => names,
    periodOf: () => undefined,
    numberOf: (index) => numberIn(backing.exec(index)),
  };
}

function numberIn(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match[1]);
}

function indexNames(stem: string, settings: IndexNameSettings, clock: Clock): IndexNames {
  const { rotation, oldestSpanAge, remoteClusters } = settings;
  const base = prefixed(settings.indexPrefix, stem);
  const separator = rotation.dateSeparator;
  const isHourly = rotation.frequency === 'hour';
  const writeAlias = `${base}-write`;
  const readAlias = `${base}-read`;
  const period = new RegExp(`^(\\d{4})${escaped(separator)}(\\d{2})${escaped(separator)}(\\d{2})(?:-(\\d{2}))?$`);

  const dayOf = (unixMs: number) => `${base}-${new Date(unixMs).toISOString().slice(0, 10).replaceAll('-', separator)}`;
  const hourOf = (unixMs: number) => `${dayOf(unixMs)}-${new Date(unixMs).toISOString().slice(11, 13)}`;
  const nameOf = isHourly ? hourOf : dayOf;
  /** Of spans with absurd or missing times, so that a bad clock does not make thousands of indices. */
  const ancient = nameOf(0);

  function local(range: TimeSpan | undefined): string[] {
    if (rotation.type === 'alias') return [readAlias];
    // Dates begin with 1 or 2, which keeps `…-archive` and `…-000001` apart.
    const everything = [`${base}-1*`, `${base}-2*`];
    if (range === undefined) return everything;
    const startMs = Math.max(0, range.startMs);
    // What is further ahead is not stored.
    const endMs = Math.min(range.endMs, clock.nowMs() + 366 * DAY_MS);
    const names = periods(startMs, endMs, everything);
    if (
      startMs < clock.nowMs() - oldestSpanAge + CLOCK_TOLERANCE_MS &&
      names !== everything &&
      !names.includes(ancient)
    )
      names.unshift(ancient);
    return names;
  }

  function periods(startMs: number, endMs: number, everything: string[]): string[] {
    if (endMs < startMs) return [];
    const hours = isHourly ? listOf(startMs, endMs, HOUR_MS, hourOf, 24) : undefined;
    if (hours !== undefined) return hours;
    const days = listOf(startMs, endMs, DAY_MS, isHourly ? (ms) => `${dayOf(ms)}*` : dayOf, MAX_NAMES);
    if (days !== undefined) return days;
    const monthOf = (ms: number) => new Date(ms).getUTCFullYear() * 12 + new Date(ms).getUTCMonth();
    const [first, last] = [monthOf(startMs), monthOf(endMs)];
    if (last - first >= MAX_NAMES) return everything;
    const months = Array.from({ length: last - first + 1 }, (_, i) => {
      const [year, month] = [Math.floor((first + i) / 12), ((first + i) % 12) + 1];
      return `${base}-${year}${separator}${String(month).padStart(2, '0')}*`;
    });
    return fits(months) ? months : everything;
  }

  function listOf(startMs: number, endMs: number, stepMs: number, name: (ms: number) => string, most: number) {
    if ((endMs - startMs) / stepMs > most) return undefined;
    const names: string[] = [];
    for (let at = Math.floor(startMs / stepMs) * stepMs; at <= endMs; at += stepMs) names.push(name(at));
    return fits(names) ? names : undefined;
  }

  function fits(names: readonly string[]): boolean {
    const characters = names.reduce((sum, name) => sum + name.length + 1, 0);
    return names.length <= MAX_NAMES + 1 && characters * (1 + remoteClusters.length) <= MAX_LIST_CHARACTERS;
  }

  return {
    base,
    isStream: false,
    writeAlias,
    readAlias,
    pattern: `${base}-*`,
    forWriting(unixMs) {
      if (rotation.type === 'alias') return writeAlias;
      return unixMs < clock.nowMs() - oldestSpanAge ? ancient : nameOf(unixMs);
    },
    forReading(range) {
      const names = local(range);
      return [...names, ...remoteClusters.flatMap((cluster) => names.map((name) => `${cluster}:${name}`))];
    },
    periodOf(index) {
      const match = index.startsWith(`${base}-`) ? period.exec(index.slice(base.length + 1)) : null;
      if (match === null) return undefined;
      const [, year, month, day, hour] = match;
      const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour ?? 0));
      return { startMs, endMs: startMs + (hour === undefined ? DAY_MS : HOUR_MS) - 1 };
    },
    numberOf(index) {
      return index.startsWith(`${base}-`) ? numberIn(/^(\d{6,})$/.exec(index.slice(base.length + 1))) : undefined;
    },
  };
}

function escaped(separator: string): string {
  return separator === '.' ? '\\.' : separator;
}
