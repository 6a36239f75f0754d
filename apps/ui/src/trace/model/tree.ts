/** What the tree is built from; the arrays run in parallel, in any order. */
export interface TreeInput {
  /** The different ids, numbered by their place. */
  readonly ids: readonly string[];
  /** Number of the span's own id. */
  readonly spanId: ArrayLike<number>;
  /** Number of the parent's id, -1 for a root. */
  readonly parentSpanId: ArrayLike<number>;
  readonly startMicros: Float64Array;
  readonly durationMicros: Float64Array;
}

/** A forest in tree order: a parent before its children, siblings and roots by start time. */
export interface Tree {
  /** Input index of each row: every input index appears exactly once, whatever the parents say. */
  readonly order: Int32Array;
  /** Row of the parent, -1 for a root. */
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  readonly subtreeSize: Int32Array;
  readonly childCount: Int32Array;
  /** By row: 1 where the named parent is not in the trace. */
  readonly orphan: Uint8Array;
  /** By row: 1 where a circle of parents was cut. */
  readonly cycle: Uint8Array;
  /** By row: 1 where an earlier span has the same id. */
  readonly duplicateId: Uint8Array;
}

/**
 * Builds the forest without recursion, in O(n log n).
 * Of spans with the same id the earliest is the parent that others mean; a circle is cut at its earliest span.
 */
export function buildTree(input: TreeInput): Tree {
  const count = input.spanId.length;
  const byStart = sortByStart(input);
  const { ownerOf, duplicate } = ownersOfIds(input, byStart);
  const parentOf = new Int32Array(count).fill(-1);
  const orphanOf = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    const parentId = input.parentSpanId[i] ?? -1;
    if (parentId < 0) continue;
    const owner = ownerOf[parentId] ?? -1;
    if (owner < 0) orphanOf[i] = 1;
    else parentOf[i] = owner;
  }
  const cycleOf = cutCycles(parentOf, byStart);
  const { firstChild, nextSibling } = linkChildren(parentOf, byStart);

  const order = new Int32Array(count);
  const parent = new Int32Array(count);
  const depth = new Int32Array(count);
  const subtreeSize = new Int32Array(count).fill(1);
  const childCount = new Int32Array(count);
  const rowOf = new Int32Array(count);
  let row = 0;
  for (const root of byStart) {
    if ((parentOf[root] ?? -1) >= 0) continue;
    let node = root;
    while (node >= 0) {
      const parentRow = node === root ? -1 : (rowOf[parentOf[node] ?? 0] ?? 0);
      order[row] = node;
      parent[row] = parentRow;
      rowOf[node] = row;
      if (parentRow >= 0) {
        depth[row] = (depth[parentRow] ?? 0) + 1;
        childCount[parentRow] = (childCount[parentRow] ?? 0) + 1;
      }
      row += 1;
      let next = firstChild[node] ?? -1;
      while (next < 0 && node !== root) {
        next = nextSibling[node] ?? -1;
        node = parentOf[node] ?? -1;
      }
      node = next;
    }
  }
  for (let r = count - 1; r > 0; r -= 1) {
    const parentRow = parent[r] ?? -1;
    if (parentRow >= 0) subtreeSize[parentRow] = (subtreeSize[parentRow] ?? 0) + (subtreeSize[r] ?? 0);
  }
  return {
    order,
    parent,
    depth,
    subtreeSize,
    childCount,
    orphan: permute(orphanOf, order),
    cycle: permute(cycleOf, order),
    duplicateId: permute(duplicate, order),
  };
}

/** Input indices by start; of equal starts the longer one first, then by id, so that the order never depends on the input's. */
function sortByStart({ ids, spanId, startMicros, durationMicros }: TreeInput): Int32Array {
  const indices = new Int32Array(spanId.length);
  for (let i = 0; i < indices.length; i += 1) indices[i] = i;
  return indices.sort((a, b) => {
    const byStart = (startMicros[a] ?? 0) - (startMicros[b] ?? 0);
    if (byStart !== 0) return byStart;
    const byDuration = (durationMicros[b] ?? 0) - (durationMicros[a] ?? 0);
    if (byDuration !== 0) return byDuration;
    const idA = ids[spanId[a] ?? 0] ?? '';
    const idB = ids[spanId[b] ?? 0] ?? '';
    return idA < idB ? -1 : idA > idB ? 1 : a - b;
  });
}

/** By id: the span that others mean by it, -1 when there is none. */
function ownersOfIds({ ids, spanId }: TreeInput, byStart: Int32Array) {
  const ownerOf = new Int32Array(ids.length).fill(-1);
  const duplicate = new Uint8Array(spanId.length);
  for (const index of byStart) {
    const id = spanId[index] ?? 0;
    if ((ownerOf[id] ?? -1) >= 0) duplicate[index] = 1;
    else ownerOf[id] = index;
  }
  return { ownerOf, duplicate };
}

/** Makes a root of the earliest span of each circle in `parentOf`. Returns which spans those are. */
function cutCycles(parentOf: Int32Array, byStart: Int32Array): Uint8Array {
  const cut = new Uint8Array(parentOf.length);
  const rank = new Int32Array(parentOf.length);
  for (let i = 0; i < byStart.length; i += 1) rank[byStart[i] ?? 0] = i;
  // 0: not seen; otherwise the number of the walk that saw it.
  const seenBy = new Int32Array(parentOf.length);
  for (let start = 0; start < parentOf.length; start += 1) {
    const walk = start + 1;
    let node = start;
    while (node >= 0 && seenBy[node] === 0) {
      seenBy[node] = walk;
      node = parentOf[node] ?? -1;
    }
    if (node < 0 || seenBy[node] !== walk) continue;
    let earliest = node;
    for (let member = parentOf[node] ?? -1; member !== node && member >= 0; member = parentOf[member] ?? -1) {
      if ((rank[member] ?? 0) < (rank[earliest] ?? 0)) earliest = member;
    }
    parentOf[earliest] = -1;
    cut[earliest] = 1;
  }
  return cut;
}

function linkChildren(parentOf: Int32Array, byStart: Int32Array) {
  const firstChild = new Int32Array(parentOf.length).fill(-1);
  const nextSibling = new Int32Array(parentOf.length).fill(-1);
  for (let i = byStart.length - 1; i >= 0; i -= 1) {
    const index = byStart[i] ?? 0;
    const parent = parentOf[index] ?? -1;
    if (parent < 0) continue;
    nextSibling[index] = firstChild[parent] ?? -1;
    firstChild[parent] = index;
  }
  return { firstChild, nextSibling };
}

function permute(values: Uint8Array, order: Int32Array): Uint8Array {
  const permuted = new Uint8Array(order.length);
  for (let i = 0; i < order.length; i += 1) permuted[i] = values[order[i] ?? 0] ?? 0;
  return permuted;
}
