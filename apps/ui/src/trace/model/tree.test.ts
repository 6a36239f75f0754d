import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberedIds } from './trace-for-tests.ts';
import type { Tree, TreeInput } from './tree.ts';
import { buildTree } from './tree.ts';

type Given = readonly [id: string, parent: string, start: number, duration?: number];

function inputOf(spans: readonly Given[]): TreeInput {
  return {
    ...numberedIds(
      spans.map((span) => span[0]),
      spans.map((span) => span[1]),
    ),
    startMicros: Float64Array.from(spans, (span) => span[2]),
    durationMicros: Float64Array.from(spans, (span) => span[3] ?? 1),
  };
}

/** Rows as ids, indented by depth. */
function drawn(spans: readonly Given[], tree: Tree): string[] {
  return Array.from(tree.order, (index, row) => `${'.'.repeat(tree.depth[row] ?? 0)}${spans[index]?.[0]}`);
}

test('a parent comes before its children, siblings by start time', () => {
  const spans: Given[] = [
    ['d', 'b', 5],
    ['c', 'a', 9],
    ['b', 'a', 3],
    ['a', '', 1],
    ['e', 'b', 4],
  ];
  const tree = buildTree(inputOf(spans));
  expect(drawn(spans, tree)).toEqual(['a', '.b', '..e', '..d', '.c']);
  expect([...tree.subtreeSize]).toEqual([5, 3, 1, 1, 1]);
  expect([...tree.childCount]).toEqual([2, 2, 0, 0, 0]);
  expect([...tree.parent]).toEqual([-1, 0, 1, 1, 0]);
});

test('of siblings with one start the longer comes first', () => {
  const spans: Given[] = [
    ['a', '', 0, 10],
    ['b', 'a', 1, 2],
    ['c', 'a', 1, 8],
  ];
  expect(drawn(spans, buildTree(inputOf(spans)))).toEqual(['a', '.c', '.b']);
});

test('a span whose parent is missing is a root with a mark, and keeps its children', () => {
  const spans: Given[] = [
    ['a', '', 0],
    ['c', 'b', 3],
    ['b', 'gone', 2],
  ];
  const tree = buildTree(inputOf(spans));
  expect(drawn(spans, tree)).toEqual(['a', 'b', '.c']);
  expect([...tree.orphan]).toEqual([0, 1, 0]);
});

test('a circle is cut at its earliest span, also when a span beside the circle is earlier', () => {
  const spans: Given[] = [
    ['early', 'x', 0],
    ['x', 'z', 3],
    ['y', 'x', 1],
    ['z', 'y', 2],
  ];
  const tree = buildTree(inputOf(spans));
  expect(drawn(spans, tree)).toEqual(['y', '.z', '..x', '...early']);
  expect([...tree.cycle]).toEqual([1, 0, 0, 0]);
});

test('a span that names itself as its parent is a root', () => {
  const spans: Given[] = [['a', 'a', 0]];
  const tree = buildTree(inputOf(spans));
  expect(drawn(spans, tree)).toEqual(['a']);
  expect([...tree.cycle]).toEqual([1]);
});

test('of spans with one id the earliest has the children, and the others say so', () => {
  const spans: Given[] = [
    ['a', '', 5],
    ['a', '', 1],
    ['b', 'a', 6],
  ];
  const tree = buildTree(inputOf(spans));
  expect(drawn(spans, tree)).toEqual(['a', '.b', 'a']);
  expect([...tree.order]).toEqual([1, 2, 0]);
  expect([...tree.duplicateId]).toEqual([0, 0, 1]);
});

test('a chain of 50,000 spans is built without recursion', () => {
  const spans = Array.from({ length: 50_000 }, (_, i): Given => [`s${i}`, i === 0 ? '' : `s${i - 1}`, i]);
  const tree = buildTree(inputOf(spans.toReversed()));
  expect(tree.depth[49_999]).toBe(49_999);
  expect(tree.subtreeSize[0]).toBe(50_000);
});

test('no spans make an empty tree', () => {
  expect(buildTree(inputOf([])).order).toHaveLength(0);
});

test('whatever the ids and parents, every span appears once, below its parent, in a well-formed tree', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const span = fc.tuple(id, fc.oneof(id, fc.constant('')), fc.integer({ min: 0, max: 5 }));
  fc.assert(
    fc.property(fc.array(span, { maxLength: 24 }), (spans) => {
      const tree = buildTree(inputOf(spans));
      expect([...tree.order].toSorted((a, b) => a - b)).toEqual(spans.map((_, i) => i));
      for (let row = 0; row < spans.length; row += 1) {
        const parent = tree.parent[row] ?? -1;
        const given = spans[tree.order[row] ?? -1];
        expect(parent).toBeLessThan(row);
        if (parent >= 0) {
          expect(tree.depth[row]).toBe((tree.depth[parent] ?? 0) + 1);
          expect(row).toBeLessThan(parent + (tree.subtreeSize[parent] ?? 0));
          expect(spans[tree.order[parent] ?? -1]?.[0]).toBe(given?.[1]);
        } else {
          expect(given?.[1] === '' || tree.orphan[row] === 1 || tree.cycle[row] === 1).toBe(true);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('the tree does not depend on the order in which spans arrive', () => {
  const spans = fc.uniqueArray(
    fc.tuple(fc.stringMatching(/^[a-f]{1,2}$/), fc.stringMatching(/^[a-f]{0,2}$/), fc.integer({ min: 0, max: 4 })),
    { selector: (span) => span[0], maxLength: 20 },
  );
  fc.assert(
    fc.property(spans, fc.nat(), (given, turn) => {
      const cut = given.length === 0 ? 0 : turn % given.length;
      const turned = [...given.slice(cut), ...given.slice(0, cut)];
      expect(drawn(turned, buildTree(inputOf(turned)))).toEqual(drawn(given, buildTree(inputOf(given))));
    }),
  );
});
