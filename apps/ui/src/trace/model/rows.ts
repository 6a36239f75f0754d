import type { TraceColumns } from './columns.ts';

/** Which of a trace's rows are shown, in order: all but those below a collapsed row, and with a filter only what leads to it. */
export function visibleRows(columns: TraceColumns, collapsed: ReadonlySet<number>, only?: Int32Array): Int32Array {
  const count = columns.spanCount;
  const shown = only === undefined ? undefined : withAncestors(columns, only);
  const rows = new Int32Array(count);
  let length = 0;
  for (let row = 0; row < count; ) {
    if (shown === undefined || shown[row] === 1) {
      rows[length] = row;
      length += 1;
    }
    row += collapsed.has(row) ? (columns.subtreeSize[row] ?? 1) : 1;
  }
  return rows.subarray(0, length);
}

function withAncestors(columns: TraceColumns, rows: Int32Array): Uint8Array {
  const shown = new Uint8Array(columns.spanCount);
  for (const row of rows) {
    for (let up = row; up >= 0 && shown[up] === 0; up = columns.parent[up] ?? -1) shown[up] = 1;
  }
  return shown;
}

/** The place of `row` among ascending `rows`; where it is hidden, of the nearest one before it. -1 when there is none. */
export function placeOf(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] ?? 0) <= row) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Without what hides `row`: none of its ancestors stays collapsed. The same set when nothing hides it. */
export function revealed(columns: TraceColumns, collapsed: ReadonlySet<number>, row: number): ReadonlySet<number> {
  let result: Set<number> | undefined;
  for (let up = columns.parent[row] ?? -1; up >= 0; up = columns.parent[up] ?? -1) {
    if (collapsed.has(up)) (result ??= new Set(collapsed)).delete(up);
  }
  return result ?? collapsed;
}

/** Every row that has children. */
export function allCollapsed(columns: TraceColumns): ReadonlySet<number> {
  const rows = new Set<number>();
  for (let row = 0; row < columns.spanCount; row += 1) if ((columns.childCount[row] ?? 0) > 0) rows.add(row);
  return rows;
}

/** Collapses the deepest level that is still open. */
export function collapsedOneLevel(columns: TraceColumns, collapsed: ReadonlySet<number>): ReadonlySet<number> {
  let deepest = -1;
  for (const row of visibleRows(columns, collapsed)) {
    if ((columns.childCount[row] ?? 0) > 0 && !collapsed.has(row)) deepest = Math.max(deepest, columns.depth[row] ?? 0);
  }
  const result = new Set(collapsed);
  if (deepest < 0) return result;
  for (const row of visibleRows(columns, collapsed)) {
    if (columns.depth[row] === deepest && (columns.childCount[row] ?? 0) > 0) result.add(row);
  }
  return result;
}

/** Opens the highest level that is collapsed. */
export function expandedOneLevel(columns: TraceColumns, collapsed: ReadonlySet<number>): ReadonlySet<number> {
  let highest = Number.POSITIVE_INFINITY;
  const shown = visibleRows(columns, collapsed);
  for (const row of shown) if (collapsed.has(row)) highest = Math.min(highest, columns.depth[row] ?? 0);
  const result = new Set(collapsed);
  for (const row of shown) if (columns.depth[row] === highest) result.delete(row);
  return result;
}

/** Opens or closes everything from `row` downwards. */
export function withSubtree(
  columns: TraceColumns,
  collapsed: ReadonlySet<number>,
  row: number,
  open: boolean,
): ReadonlySet<number> {
  const result = new Set(collapsed);
  const after = row + (columns.subtreeSize[row] ?? 1);
  for (let at = row; at < after; at += 1) {
    if (open) result.delete(at);
    else if ((columns.childCount[at] ?? 0) > 0) result.add(at);
  }
  return result;
}

/** Place of the first match after or at `row` (`by` 1), or of the last one before it (`by` -1); around the ends. */
export function nearestMatch(matches: Int32Array, row: number, by: 1 | -1): number {
  const before = placeOf(matches, row - 1);
  if (by === 1) return (before + 1) % matches.length;
  return before < 0 ? matches.length - 1 : before;
}
