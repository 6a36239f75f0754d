import type { CriticalPath } from './columns.ts';
import type { TimedTree } from './self-time.ts';

/** A span whose path is being walked, from its end to its start. */
interface Walk {
  readonly row: number;
  readonly startMicros: number;
  /** What lies after this moment is done. */
  cursorMicros: number;
  /** The children that ran inside the span, the last to end first. */
  readonly children: readonly ClippedChild[];
  next: number;
}

interface ClippedChild {
  readonly row: number;
  readonly startMicros: number;
  readonly endMicros: number;
}

/**
 * The chain of work that the root's end waited for: walking back from the end, the child that ended last had the span
 * waiting until its start; before that, the child that ended last by then; what no such child covers is the span's own.
 * A child that runs on beyond its parent is cut there; one that begins after its parent's end is not waited for.
 * Without recursion; each child on the path is sorted once.
 */
export function criticalPathOf(tree: TimedTree, rootRow: number): CriticalPath {
  const rows: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const rootStart = tree.startMicros[rootRow] ?? 0;
  const rootEnd = rootStart + (tree.spanDurationMicros[rootRow] ?? 0);
  const stack: Walk[] = rootEnd > rootStart ? [walkOf(tree, rootRow, rootStart, rootEnd)] : [];
  const own = (row: number, from: number, to: number): void => {
    if (to <= from) return;
    rows.push(row);
    starts.push(from);
    ends.push(to);
  };
  for (let walk = stack.at(-1); walk !== undefined; walk = stack.at(-1)) {
    let child = walk.children[walk.next];
    while (child !== undefined && child.endMicros > walk.cursorMicros) child = walk.children[(walk.next += 1)];
    if (child === undefined) {
      own(walk.row, walk.startMicros, walk.cursorMicros);
      stack.pop();
      continue;
    }
    own(walk.row, child.endMicros, walk.cursorMicros);
    walk.cursorMicros = child.startMicros;
    walk.next += 1;
    stack.push(walkOf(tree, child.row, child.startMicros, child.endMicros));
  }
  return sortedByRow(rows, starts, ends);
}

function walkOf(tree: TimedTree, row: number, startMicros: number, endMicros: number): Walk {
  const children: ClippedChild[] = [];
  const after = row + (tree.subtreeSize[row] ?? 1);
  for (let child = row + 1; child < after; child += tree.subtreeSize[child] ?? 1) {
    const childStart = Math.max(startMicros, tree.startMicros[child] ?? 0);
    const childEnd = Math.min(endMicros, (tree.startMicros[child] ?? 0) + (tree.spanDurationMicros[child] ?? 0));
    if (childEnd > childStart) children.push({ row: child, startMicros: childStart, endMicros: childEnd });
  }
  children.sort((a, b) => b.endMicros - a.endMicros || b.startMicros - a.startMicros);
  return { row, startMicros, cursorMicros: endMicros, children, next: 0 };
}

/** The walk went backwards in time; the arrays come by row, and within a row by time. */
function sortedByRow(rows: readonly number[], starts: readonly number[], ends: readonly number[]): CriticalPath {
  const count = rows.length;
  const order = Int32Array.from(rows, (_, i) => i).sort(
    (a, b) => (rows[a] ?? 0) - (rows[b] ?? 0) || (starts[a] ?? 0) - (starts[b] ?? 0),
  );
  const byTime = new Int32Array(count);
  const row = new Int32Array(count);
  const startMicros = new Float64Array(count);
  const endMicros = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const walked = order[i] ?? 0;
    row[i] = rows[walked] ?? 0;
    startMicros[i] = starts[walked] ?? 0;
    endMicros[i] = ends[walked] ?? 0;
    byTime[count - 1 - walked] = i;
  }
  return { row, startMicros, endMicros, byTime };
}

/** The stretches of the rows `firstRow .. afterRow - 1`: indices from and to (exclusive) into the path's arrays. */
export function stretchesOfRows(path: CriticalPath, firstRow: number, afterRow: number): readonly [number, number] {
  return [lowerBound(path.row, firstRow), lowerBound(path.row, afterRow)];
}

function lowerBound(values: Int32Array, wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
