import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalPathOf, stretchesOfRows } from './critical-path.ts';
import type { TimedTree } from './self-time.ts';
import { forEachCoveredStretch, selfTimes } from './self-time.ts';
import { numberedIds } from './trace-for-tests.ts';
import { buildTree } from './tree.ts';

type Given = readonly [id: string, parent: string, start: number, end: number];

/** The tree of the spans, and the rows by id. */
function treeOf(spans: readonly Given[]): TimedTree & { ids: string[]; rootRows: number[] } {
  const startMicros = Float64Array.from(spans, (span) => span[2]);
  const durationMicros = Float64Array.from(spans, (span) => span[3] - span[2]);
  const tree = buildTree({
    ...numberedIds(
      spans.map((span) => span[0]),
      spans.map((span) => span[1]),
    ),
    startMicros,
    durationMicros,
  });
  return {
    parent: tree.parent,
    subtreeSize: tree.subtreeSize,
    startMicros: Float64Array.from(tree.order, (i) => startMicros[i] ?? 0),
    spanDurationMicros: Float64Array.from(tree.order, (i) => durationMicros[i] ?? 0),
    ids: Array.from(tree.order, (i) => spans[i]?.[0] ?? ''),
    rootRows: [...tree.parent.keys()].filter((row) => tree.parent[row] === -1),
  };
}

/** The path in order of time, as `id start-end`. */
function pathOf(spans: readonly Given[]): string[] {
  const tree = treeOf(spans);
  const path = criticalPathOf(tree, 0);
  return Array.from(path.byTime, (i) => `${tree.ids[path.row[i] ?? -1]} ${path.startMicros[i]}-${path.endMicros[i]}`);
}

function selfOf(spans: readonly Given[]): Record<string, number> {
  const tree = treeOf(spans);
  const self = selfTimes(tree);
  return Object.fromEntries(tree.ids.map((id, row) => [id, self[row] ?? -1]));
}

test('self time leaves out the time of children once, however they overlap', () => {
  const spans: Given[] = [
    ['a', '', 0, 100],
    ['b', 'a', 10, 40],
    ['c', 'a', 30, 60],
    ['d', 'a', 35, 38],
    ['e', 'b', 12, 20],
  ];
  expect(selfOf(spans)).toEqual({ a: 50, b: 22, c: 30, d: 3, e: 8 });
});

test('a child counts only inside its parent', () => {
  expect(
    selfOf([
      ['a', '', 10, 20],
      ['b', 'a', 5, 12],
      ['c', 'a', 18, 40],
      ['d', 'a', 30, 50],
    ]),
  ).toEqual({ a: 6, b: 7, c: 22, d: 20 });
});

test('the stretches that children cover come joined and in order', () => {
  const tree = treeOf([
    ['a', '', 0, 100],
    ['b', 'a', 10, 40],
    ['c', 'a', 30, 60],
    ['e', 'c', 0, 99],
    ['d', 'a', 70, 120],
  ]);
  const stretches: number[][] = [];
  forEachCoveredStretch(tree, 0, (start, end) => stretches.push([start, end]));
  expect(stretches).toEqual([
    [10, 60],
    [70, 100],
  ]);
});

test('sequential children are all on the critical path, with the parent between them', () => {
  expect(
    pathOf([
      ['a', '', 0, 100],
      ['b', 'a', 10, 30],
      ['c', 'a', 40, 90],
      ['d', 'c', 50, 60],
    ]),
  ).toEqual(['a 0-10', 'b 10-30', 'a 30-40', 'c 40-50', 'd 50-60', 'c 60-90', 'a 90-100']);
});

test('of parallel children the one that ended last is waited for', () => {
  expect(
    pathOf([
      ['a', '', 0, 100],
      ['slow', 'a', 10, 90],
      ['fast', 'a', 10, 50],
      ['before', 'a', 1, 9],
    ]),
  ).toEqual(['a 0-1', 'before 1-9', 'a 9-10', 'slow 10-90', 'a 90-100']);
});

test('a child that outlives its parent is cut there; one that begins after it is not waited for', () => {
  expect(
    pathOf([
      ['a', '', 0, 100],
      ['late', 'a', 60, 140],
      ['after', 'a', 110, 150],
      ['deep', 'late', 90, 130],
    ]),
  ).toEqual(['a 0-60', 'late 60-90', 'deep 90-100']);
});

test('the stretches of a subtree are found by its rows', () => {
  const tree = treeOf([
    ['a', '', 0, 100],
    ['b', 'a', 10, 30],
    ['c', 'a', 40, 90],
    ['d', 'c', 50, 60],
  ]);
  const path = criticalPathOf(tree, 0);
  expect(stretchesOfRows(path, 2, 4)).toEqual([4, 7]);
  expect(stretchesOfRows(path, 9, 10)).toEqual([7, 7]);
});

test('a chain of 50,000 spans has a path of as many stretches', () => {
  const spans = Array.from({ length: 50_000 }, (_, i): Given => [`s${i}`, i === 0 ? '' : `s${i - 1}`, i, 200_000 - i]);
  expect(criticalPathOf(treeOf(spans), 0).row).toHaveLength(99_999);
});

/** Random spans; a parent is any earlier one, so that all hang together. */
const family = fc
  .array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), {
    minLength: 1,
    maxLength: 25,
  })
  .map((spans) =>
    spans.map(([up, start, length], i): Given => [`s${i}`, i === 0 ? '' : `s${up % i}`, start, start + length]),
  );

test('whatever the spans, the path covers the root from start to end without gap or overlap', () => {
  fc.assert(
    fc.property(family, (spans) => {
      const tree = treeOf(spans);
      const path = criticalPathOf(tree, 0);
      let at = tree.startMicros[0] ?? 0;
      for (const i of path.byTime) {
        const row = path.row[i] ?? -1;
        expect(path.startMicros[i]).toBe(at);
        at = path.endMicros[i] ?? -1;
        expect(path.startMicros[i]).toBeGreaterThanOrEqual(tree.startMicros[row] ?? 0);
        expect(at).toBeLessThanOrEqual((tree.startMicros[row] ?? 0) + (tree.spanDurationMicros[row] ?? 0));
      }
      expect(at).toBe((tree.startMicros[0] ?? 0) + (tree.spanDurationMicros[0] ?? 0));
    }),
    { numRuns: 500 },
  );
});

test('whatever the spans, self time is the duration without the covered stretches', () => {
  fc.assert(
    fc.property(family, (spans) => {
      const tree = treeOf(spans);
      const self = selfTimes(tree);
      for (let row = 0; row < self.length; row += 1) {
        let covered = 0;
        forEachCoveredStretch(tree, row, (start, end) => {
          covered += end - start;
        });
        expect(self[row]).toBe((tree.spanDurationMicros[row] ?? 0) - covered);
      }
    }),
    { numRuns: 500 },
  );
});
