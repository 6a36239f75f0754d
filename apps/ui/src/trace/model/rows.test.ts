import { expect, test } from 'vitest';
import { buildColumns } from './build.ts';
import {
  allCollapsed,
  collapsedOneLevel,
  expandedOneLevel,
  nearestMatch,
  placeOf,
  revealed,
  visibleRows,
  withSubtree,
} from './rows.ts';
import { factsForTest, spanForTest } from './trace-for-tests.ts';

/** Rows: 0 a, 1 ·b, 2 ··c, 3 ··d, 4 ·e, 5 ··f */
const { columns } = buildColumns(
  factsForTest([
    spanForTest('a', '', 0, 100),
    spanForTest('b', 'a', 1, 40),
    spanForTest('c', 'b', 2, 10),
    spanForTest('d', 'b', 11, 20),
    spanForTest('e', 'a', 50, 90),
    spanForTest('f', 'e', 51, 60),
  ]),
);

function shown(collapsed: Iterable<number>, only?: number[]): number[] {
  return [...visibleRows(columns, new Set(collapsed), only === undefined ? undefined : Int32Array.from(only))];
}

test('what lies below a collapsed row is hidden', () => {
  expect(shown([])).toEqual([0, 1, 2, 3, 4, 5]);
  expect(shown([1])).toEqual([0, 1, 4, 5]);
  expect(shown([0, 1])).toEqual([0]);
});

test('a filter shows its rows and the way to them', () => {
  expect(shown([], [3])).toEqual([0, 1, 3]);
  expect(shown([1], [3, 5])).toEqual([0, 1, 4, 5]);
  expect(shown([], [])).toEqual([]);
});

test('levels are collapsed from the deepest up and expanded from the top down', () => {
  const first = collapsedOneLevel(columns, new Set());
  expect(shown(first)).toEqual([0, 1, 4]);
  const second = collapsedOneLevel(columns, first);
  expect(shown(second)).toEqual([0]);
  expect(shown(collapsedOneLevel(columns, second))).toEqual([0]);
  expect(shown(expandedOneLevel(columns, second))).toEqual([0, 1, 4]);
  expect(shown(expandedOneLevel(columns, allCollapsed(columns)))).toEqual([0, 1, 4]);
});

test('a subtree closes and opens as a whole', () => {
  const closed = withSubtree(columns, new Set(), 0, false);
  expect([...closed].toSorted()).toEqual([0, 1, 4]);
  expect(shown(withSubtree(columns, closed, 0, true))).toEqual([0, 1, 2, 3, 4, 5]);
});

test('revealing a row opens its ancestors and nothing else', () => {
  expect(revealed(columns, new Set([0, 1, 4]), 3)).toEqual(new Set([4]));
  const open = new Set([4]);
  expect(revealed(columns, open, 3)).toBe(open);
});

test('the place of a hidden row is that of the nearest row before it', () => {
  const rows = visibleRows(columns, new Set([1]));
  expect(placeOf(rows, 4)).toBe(2);
  expect(placeOf(rows, 3)).toBe(1);
  expect(placeOf(new Int32Array(), 3)).toBe(-1);
});

test('the nearest match lies at or after the row, or before it, around the ends', () => {
  const matches = Int32Array.of(2, 5, 9);
  expect([0, 2, 3, 9, 10].map((row) => nearestMatch(matches, row, 1))).toEqual([0, 0, 1, 2, 0]);
  expect([0, 2, 3, 9, 10].map((row) => nearestMatch(matches, row, -1))).toEqual([2, 2, 0, 1, 2]);
});
