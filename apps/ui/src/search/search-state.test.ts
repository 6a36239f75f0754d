import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultSearch,
  lookbacks,
  problemsOf,
  readSearch,
  type SearchState,
  sortOrders,
  toSummaryQuery,
  writeSearch,
} from './search-state.ts';

const nowMs = Date.UTC(2026, 4, 1, 12);
const word = fc.string({ unit: 'grapheme' }).filter((text) => text !== 'all' && !text.startsWith('{'));
const trimmed = word.map((text) => text.trim());
const ms = fc.integer({ min: 1, max: 4e12 });

const anySearch: fc.Arbitrary<SearchState> = fc.record(
  {
    service: word,
    operation: word,
    tags: trimmed.filter((text) => !text.startsWith('{')),
    time: fc.oneof(
      fc.constantFrom(...lookbacks).map((lookback) => ({ kind: 'lookback' as const, lookback })),
      fc
        .tuple(ms, fc.integer({ min: 1, max: 1e9 }))
        .map(([startMs, length]) => ({ kind: 'range' as const, startMs, endMs: startMs + length })),
    ),
    minDuration: trimmed,
    maxDuration: trimmed,
    limit: fc.integer({ min: 1, max: 1500 }),
    sort: fc.constantFrom(...sortOrders),
    window: fc.tuple(ms, fc.nat(1e9), fc.nat(1e12), fc.nat(1e12)).map(([startMs, length, minNanos, height]) => ({
      startMs,
      endMs: startMs + length,
      minNanos,
      maxNanos: minNanos + height,
    })),
  },
  { requiredKeys: ['service', 'operation', 'tags', 'time', 'minDuration', 'maxDuration', 'limit', 'sort'] },
);

test('every state survives the address', () => {
  fc.assert(
    fc.property(anySearch, (state) => {
      expect(readSearch(writeSearch(state))).toEqual(state);
    }),
  );
});

test('an address without parameters is the default search, and the other way round', () => {
  expect(readSearch('')).toEqual(defaultSearch);
  expect(writeSearch(defaultSearch)).toBe('');
});

test('reads an address of the Jaeger UI', () => {
  const search =
    '?end=1777636800000000&limit=20&lookback=1h&maxDuration=2s&minDuration=100ms&operation=all&service=shop%20front' +
    '&start=1777633200000000&tags=%7B%22http.status_code%22%3A%22500%22%2C%22peer%22%3A%22a%20b%22%7D&tag=error%3Atrue';
  expect(readSearch(search)).toEqual({
    service: 'shop front',
    operation: '',
    tags: 'http.status_code=500 peer="a b" error=true',
    time: { kind: 'range', startMs: 1777633200000, endMs: 1777636800000 },
    minDuration: '100ms',
    maxDuration: '2s',
    limit: 20,
    sort: 'newest',
  });
});

test.each([
  'limit=-3',
  'limit=x',
  'lookback=custom',
  'lookback=0m',
  'start=5&end=4',
  'start=5&end=1e40',
  'sort=best',
  'window=1~2',
  'window=x',
])('falls back to the default for %s', (search) => {
  expect(readSearch(search)).toEqual(defaultSearch);
});

describe('toSummaryQuery', () => {
  test('counts back from now', () => {
    const query = toSummaryQuery({ ...defaultSearch, time: { kind: 'lookback', lookback: '15m' } }, nowMs);
    expect(query?.startMs).toBe(nowMs - 900_000);
    expect(query?.endMs).toBeGreaterThanOrEqual(nowMs);
  });

  test('parses tags and durations', () => {
    const state = { ...defaultSearch, service: 'cart', tags: 'error=true', minDuration: '1.5s', maxDuration: '1m30s' };
    expect(toSummaryQuery(state, nowMs)).toMatchObject({
      serviceName: 'cart',
      attributes: [{ key: 'error', value: 'true', operator: 'eq' }],
      minDurationNanos: 1.5e9,
      maxDurationNanos: 9e10,
    });
  });

  test.each([
    [{ tags: 'error' }, 'tags'],
    [{ minDuration: '5 parsecs' }, 'minDuration'],
    [{ minDuration: '2s', maxDuration: '1s' }, 'maxDuration'],
  ] as const)('asks nothing while %o stands', (fault, field) => {
    const state = { ...defaultSearch, ...fault };
    expect(toSummaryQuery(state, nowMs)).toBeUndefined();
    expect(problemsOf(state)[field]).toBeDefined();
  });
});
