import { describe, expect, test } from 'vitest';
import { commonCoverage, coverageOf, type IndexedRows } from './index-coverage.ts';
import { coverageWithout, leftOutOf } from './left-out.ts';

const tags = { spanTags: true, processTags: true, logs: true, include: [], exclude: [] };
const indexed = (changes: Partial<IndexedRows['tags']>, durations = true): IndexedRows => ({
  tags: { ...tags, ...changes },
  durations,
});
const KEYS = ['order', 'shelf', 'span.kind'];
const told = (rows: IndexedRows) => {
  const text = leftOutOf(rows);
  const coverage = text === undefined ? coverageOf(indexed({})) : coverageWithout(text);
  return { durations: coverage.durations, keys: KEYS.filter((key) => coverage.hasTag(key)) };
};

describe('what a writer leaves out', () => {
  test('is told in the words of its settings, the same for the same', () => {
    expect(leftOutOf(indexed({}))).toBeUndefined();
    expect(leftOutOf(indexed({ exclude: ['b', 'a'] }, false))).toBe('{"durations":false,"exclude":["a","b"]}');
    expect(leftOutOf(indexed({ spanTags: false, include: ['a'] }))).toBe('{"tags":false,"include":["a"]}');
  });

  test.each([
    ['nothing', indexed({})],
    ['durations', indexed({}, false)],
    ['some tags', indexed({ exclude: ['order', 'other'] })],
    ['all tags but some', indexed({ include: ['order', 'span.kind'] })],
    ['tags of spans', indexed({ spanTags: false })],
    ['attributes of resources', indexed({ processTags: false }, false)],
    ['attributes of events', indexed({ logs: false })],
  ])('is understood as it was meant: %s', (_, rows) => {
    const coverage = coverageOf(rows);
    expect(told(rows)).toEqual({ durations: rows.durations, keys: KEYS.filter((key) => coverage.hasTag(key)) });
  });

  test.each(['', 'null', '[]', '{"durations":"no"}', '{"operations":false}', '{"exclude":[1]}'])(
    'and is not understood, is everything: %j',
    (text) => {
      const { durations, hasTag } = coverageWithout(text);
      expect([durations, hasTag('order')]).toEqual([false, false]);
    },
  );

  test('is missing for a search where any of several leaves it out', () => {
    const both = commonCoverage([
      coverageOf(indexed({ include: ['order', 'shelf'] })),
      coverageOf(indexed({ exclude: ['order'] }, false)),
    ]);
    expect([both.durations, ...KEYS.map((key) => both.hasTag(key))]).toEqual([false, false, true, false]);
  });
});
