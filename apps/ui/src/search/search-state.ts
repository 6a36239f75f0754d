import type { SummaryQuery } from '../api/summaries.ts';
import { parseDuration } from '../format/duration.ts';
import { formatLogfmt, parseLogfmt, type Tag } from './logfmt.ts';

export const sortOrders = ['newest', 'longest', 'shortest', 'spans', 'errors'] as const;
export type SortOrder = (typeof sortOrders)[number];

export const lookbacks = ['5m', '15m', '1h', '6h', '24h', '2d', '7d'] as const;

/** Either the time up to now, or exact bounds in Unix milliseconds. */
export type SearchTime =
  | { readonly kind: 'lookback'; readonly lookback: string }
  | { readonly kind: 'range'; readonly startMs: number; readonly endMs: number };

/** A rectangle of the scatter plot; inclusive. */
export interface PlotWindow {
  readonly startMs: number;
  readonly endMs: number;
  readonly minNanos: number;
  readonly maxNanos: number;
}

/** All of the search page's state: it is the page's address, and nothing else. Texts are as somebody typed them. */
export interface SearchState {
  readonly service: string;
  readonly operation: string;
  /** Logfmt. */
  readonly tags: string;
  readonly time: SearchTime;
  readonly minDuration: string;
  readonly maxDuration: string;
  readonly limit: number;
  readonly sort: SortOrder;
  readonly window?: PlotWindow | undefined;
}

export const maxLimit = 1_500;

/** The end of the year 9999: later moments have no form that all parts understand. */
const maxMicros = 253_402_300_799_999_000;

export const defaultSearch: SearchState = {
  service: '',
  operation: '',
  tags: '',
  time: { kind: 'lookback', lookback: '1h' },
  minDuration: '',
  maxDuration: '',
  limit: 100,
  sort: 'newest',
};

const lookbackUnitMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `15m`, `2d`, `1w` in milliseconds, or `undefined`. */
export function parseLookback(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const unitMs = lookbackUnitMs[unit ?? ''];
  return unitMs === undefined || Number(count) === 0 ? undefined : Number(count) * unitMs;
}

/** Reads this page's own addresses and those of the Jaeger UI (`start` and `end` in µs, `tags` as JSON, `tag=key:value`, service `all`). */
export function readSearch(search: string): SearchState {
  const parameters = new URLSearchParams(search);
  const text = (name: string) => parameters.get(name) ?? '';
  const all = (name: string) => (text(name) === 'all' ? '' : text(name));
  const sort = sortOrders.find((order) => order === text('sort')) ?? defaultSearch.sort;
  const limit = Math.round(Number(text('limit')));
  const window = readWindow(text('window'));
  return {
    service: text('service'),
    operation: all('operation'),
    tags: readTags(parameters),
    time: readTime(parameters),
    minDuration: text('minDuration'),
    maxDuration: text('maxDuration'),
    limit: limit >= 1 ? Math.min(limit, maxLimit) : defaultSearch.limit,
    sort,
    ...(window === undefined ? {} : { window }),
  };
}

function readTime(parameters: URLSearchParams): SearchTime {
  const startMicros = Number(parameters.get('start') ?? Number.NaN);
  const endMicros = Number(parameters.get('end') ?? Number.NaN);
  if (startMicros > 0 && endMicros > startMicros && endMicros <= maxMicros) {
    return { kind: 'range', startMs: startMicros / 1_000, endMs: endMicros / 1_000 };
  }
  const lookback = parameters.get('lookback') ?? '';
  return parseLookback(lookback) === undefined ? defaultSearch.time : { kind: 'lookback', lookback };
}

function readTags(parameters: URLSearchParams): string {
  const texts: string[] = [];
  for (const written of parameters.getAll('tags')) {
    const tags = tagsOfJson(written);
    if (tags === undefined) texts.push(written.trim());
    else if (tags.length > 0) texts.push(formatLogfmt(tags));
  }
  for (const written of parameters.getAll('tag')) {
    const colon = written.indexOf(':');
    if (colon > 0) texts.push(formatLogfmt([{ key: written.slice(0, colon), value: written.slice(colon + 1) }]));
  }
  return texts.filter((text) => text !== '').join(' ');
}

function tagsOfJson(text: string): Tag[] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return entries.map(([key, value]) => ({ key, value: String(value) }));
  } catch {
    return undefined;
  }
}

function readWindow(text: string): PlotWindow | undefined {
  const [startMicros = Number.NaN, endMicros = Number.NaN, minNanos = Number.NaN, maxNanos = Number.NaN, ...more] = text
    .split('~')
    .map(Number);
  if (!(endMicros >= startMicros && maxNanos >= minNanos) || more.length > 0) return undefined;
  return { startMs: startMicros / 1_000, endMs: endMicros / 1_000, minNanos, maxNanos };
}

const micros = (ms: number) => String(Math.round(ms * 1_000));

/** The address's query, without `?`; what is as by default is left out. */
export function writeSearch(state: SearchState): string {
  const parameters = new URLSearchParams();
  const set = (name: string, value: string, standard = '') => {
    if (value !== standard) parameters.set(name, value);
  };
  set('service', state.service);
  set('operation', state.operation);
  set('tags', state.tags.trim());
  if (state.time.kind === 'lookback') {
    set('lookback', state.time.lookback, '1h');
  } else {
    set('start', micros(state.time.startMs));
    set('end', micros(state.time.endMs));
  }
  set('minDuration', state.minDuration.trim());
  set('maxDuration', state.maxDuration.trim());
  set('limit', String(state.limit), String(defaultSearch.limit));
  set('sort', state.sort, defaultSearch.sort);
  const { window } = state;
  if (window !== undefined) {
    const corners = [
      micros(window.startMs),
      micros(window.endMs),
      Math.floor(window.minNanos),
      Math.ceil(window.maxNanos),
    ];
    set('window', corners.join('~'));
  }
  return parameters.toString();
}

/** Faults of single fields, in words that say what to write instead. */
export interface SearchProblems {
  readonly tags?: string;
  readonly minDuration?: string;
  readonly maxDuration?: string;
}

export function problemsOf(state: Pick<SearchState, 'tags' | 'minDuration' | 'maxDuration'>): SearchProblems {
  const tags = parseLogfmt(state.tags);
  const min = durationOf(state.minDuration);
  const max = durationOf(state.maxDuration);
  const notOne = (text: string) => `“${text.trim()}” is no duration. Write 100ms, 1.5s or 1m30s.`;
  return {
    ...('problem' in tags ? { tags: tags.problem.message } : {}),
    ...(min === 'wrong' ? { minDuration: notOne(state.minDuration) } : {}),
    ...(max === 'wrong'
      ? { maxDuration: notOne(state.maxDuration) }
      : typeof min === 'number' && typeof max === 'number' && max < min
        ? { maxDuration: 'The longest is shorter than the shortest.' }
        : {}),
  };
}

function durationOf(text: string): number | 'none' | 'wrong' {
  return text.trim() === '' ? 'none' : (parseDuration(text) ?? 'wrong');
}

const OPERATORS = { '=': 'eq', '!=': 'ne', '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' } as const;

/** What to ask the server, with times relative to `nowMs`; `undefined` while `problemsOf` finds any. */
export function toSummaryQuery(state: SearchState, nowMs: number): SummaryQuery | undefined {
  const parsed = parseLogfmt(state.tags);
  if ('problem' in parsed || Object.keys(problemsOf(state)).length > 0) return undefined;
  const min = durationOf(state.minDuration);
  const max = durationOf(state.maxDuration);
  const { time } = state;
  const lookbackMs = time.kind === 'lookback' ? (parseLookback(time.lookback) ?? 3_600_000) : 0;
  return {
    ...(state.service === '' ? {} : { serviceName: state.service }),
    ...(state.operation === '' ? {} : { operationName: state.operation }),
    attributes: parsed.tags.map(({ key, value, comparison }) => ({
      key,
      value,
      operator: OPERATORS[comparison ?? '='],
    })),
    // Clocks of other machines may run ahead a little; what they call "now" is not to be missed.
    startMs: time.kind === 'range' ? time.startMs : Math.max(0, nowMs - lookbackMs),
    endMs: time.kind === 'range' ? time.endMs : nowMs + 60_000,
    ...(typeof min === 'number' ? { minDurationNanos: min } : {}),
    ...(typeof max === 'number' ? { maxDurationNanos: max } : {}),
    limit: state.limit,
  };
}
