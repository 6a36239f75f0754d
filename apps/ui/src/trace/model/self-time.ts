/** The parts of a trace in tree order that times are computed from. */
export interface TimedTree {
  readonly parent: Int32Array;
  readonly subtreeSize: Int32Array;
  readonly startMicros: Float64Array;
  readonly spanDurationMicros: Float64Array;
}

/**
 * Each span's duration without the time in which at least one of its children ran. Children count only inside their
 * parent's own time. One pass: siblings come by start time, so what is covered so far is one number a parent.
 */
export function selfTimes(tree: TimedTree): Float64Array {
  const self = Float64Array.from(tree.spanDurationMicros);
  const coveredUntil = Float64Array.from(tree.startMicros);
  for (let row = 0; row < self.length; row += 1) {
    const parent = tree.parent[row] ?? -1;
    if (parent < 0) continue;
    const start = tree.startMicros[row] ?? 0;
    const parentEnd = (tree.startMicros[parent] ?? 0) + (tree.spanDurationMicros[parent] ?? 0);
    const from = Math.max(start, coveredUntil[parent] ?? 0);
    const to = Math.min(start + (tree.spanDurationMicros[row] ?? 0), parentEnd);
    if (to <= from) continue;
    self[parent] = Math.max(0, (self[parent] ?? 0) - (to - from));
    coveredUntil[parent] = to;
  }
  return self;
}

/**
 * Calls `stretch` for each stretch of the row's time in which one of its children ran, ascending and apart from one
 * another: what lies between is self time. Children count only inside the row's own time.
 */
export function forEachCoveredStretch(
  tree: TimedTree,
  row: number,
  stretch: (startMicros: number, endMicros: number) => void,
): void {
  const start = tree.startMicros[row] ?? 0;
  const end = start + (tree.spanDurationMicros[row] ?? 0);
  const after = row + (tree.subtreeSize[row] ?? 1);
  let from = start;
  let to = start;
  for (let child = row + 1; child < after; child += tree.subtreeSize[child] ?? 1) {
    const childStart = Math.max(start, tree.startMicros[child] ?? 0);
    const childEnd = Math.min(end, (tree.startMicros[child] ?? 0) + (tree.spanDurationMicros[child] ?? 0));
    if (childEnd <= childStart) continue;
    if (childStart > to) {
      if (to > from) stretch(from, to);
      from = childStart;
    }
    if (childEnd > to) to = childEnd;
  }
  if (to > from) stretch(from, to);
}
