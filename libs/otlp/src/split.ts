import { IntList } from './int-list.ts';
import { joined } from './joined.ts';
import { putVarint, varintSize, WireReader } from './wire.ts';

/** Columns of `SpanIndex.resources`: the `ResourceSpans` message. */
export const RESOURCE_START = 0;
export const RESOURCE_END = 1;
/** Columns of `SpanIndex.scopes`: its row in `resources`, and the `ScopeSpans` message. */
export const SCOPE_RESOURCE = 0;
export const SCOPE_START = 1;
export const SCOPE_END = 2;
/** Columns of `SpanIndex.spans`: partition, its row in `scopes`, and the span with its tag and length. */
export const SPAN_PARTITION = 0;
export const SPAN_SCOPE = 1;
export const SPAN_START = 2;
export const SPAN_END = 3;

/** Where the accepted spans of a message are, in its order. */
export interface SpanIndex {
  readonly bytes: Uint8Array;
  readonly resources: IntList;
  readonly scopes: IntList;
  readonly spans: IntList;
}

export interface PartitionBytes {
  readonly partition: number;
  readonly spanCount: number;
  readonly bytes: Uint8Array;
}

/**
 * What a split may add up to, as a multiple of the input. Resources and scopes are repeated in each partition; without a bound,
 * a few large ones under many small spans would make of one request hundreds of times its size.
 */
const MAX_GROWTH = 4;
const ALWAYS_ALLOWED_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);

/** Columns of `Layouts.runs`: spans that follow one another in one scope, and the size of the `ScopeSpans` they make. */
const RUN_SCOPE = 0;
const RUN_FROM = 1;
const RUN_TO = 2;
const RUN_BYTES = 3;
/** Columns of `Layouts.groups`: runs that follow one another in one resource, and the size of the `ResourceSpans`. */
const GROUP_FROM = 0;
const GROUP_TO = 1;
const GROUP_BYTES = 2;

/** Of all partitions, in two lists: a list each would cost more than what is in it. */
interface Layouts {
  readonly runs: IntList;
  readonly groups: IntList;
}

interface Layout {
  readonly partition: number;
  readonly spanCount: number;
  /** Rows of `Layouts.groups`. */
  readonly firstGroup: number;
  readonly endGroup: number;
  readonly bytes: number;
}

/**
 * Makes one `TracesData` message a partition: each accepted span's bytes as they came, under a copy of its resource and scope
 * with all their other fields. A `Resource` or scope that came in parts is put together (protobuf's merging of repeated
 * singular fields). When the result would be far larger than the input, all spans go to the partition of the first: where a
 * span lies is a matter of locality, never of correctness.
 */
export function splitSpans(index: SpanIndex, partitionCount: number): PartitionBytes[] {
  const heads = new Heads(index);
  const order = orderByPartition(index.spans, partitionCount);
  const lists: Layouts = { runs: new IntList(4, 64), groups: new IntList(3, 64) };
  const layouts: Layout[] = [];
  let total = 0;
  for (const { partition, from, to } of rangesOf(index.spans, order)) {
    const layout = layOut(index, heads, order, lists, partition, from, to);
    layouts.push(layout);
    total += layout.bytes;
    if (layouts.length > 1 && total > MAX_GROWTH * index.bytes.length + ALWAYS_ALLOWED_BYTES) {
      const inPlace = Int32Array.from({ length: index.spans.count }, (_, row) => row);
      const first = index.spans.cells[SPAN_PARTITION]!;
      const whole = layOut(index, heads, inPlace, lists, first, 0, inPlace.length);
      return [write(index, heads, inPlace, lists, whole, new Uint8Array(whole.bytes))];
    }
  }
  // One allocation for all: they live and die together.
  const out = new Uint8Array(total);
  let pos = 0;
  return layouts.map((layout) => write(index, heads, order, lists, layout, out.subarray(pos, (pos += layout.bytes))));
}

/** The rows of `spans`, by partition, and in their order within one. */
function orderByPartition(spans: IntList, partitionCount: number): Int32Array {
  const next = new Int32Array(partitionCount + 1);
  const { cells, count, stride } = spans;
  for (let row = 0; row < count; row += 1) next[cells[row * stride + SPAN_PARTITION]! + 1]! += 1;
  for (let partition = 0; partition < partitionCount; partition += 1) next[partition + 1]! += next[partition]!;
  const order = new Int32Array(count);
  for (let row = 0; row < count; row += 1) {
    const partition = cells[row * stride + SPAN_PARTITION]!;
    order[next[partition]!] = row;
    next[partition]! += 1;
  }
  return order;
}

function* rangesOf(spans: IntList, order: Int32Array): Generator<{ partition: number; from: number; to: number }> {
  const partitionAt = (at: number) => spans.cells[order[at]! * spans.stride + SPAN_PARTITION]!;
  for (let from = 0; from < order.length; ) {
    const partition = partitionAt(from);
    let to = from + 1;
    while (to < order.length && partitionAt(to) === partition) to += 1;
    yield { partition, from, to };
    from = to;
  }
}

/** Computes every size of the message that holds the spans `order[from]` … `order[to − 1]`. */
function layOut(
  index: SpanIndex,
  heads: Heads,
  order: Int32Array,
  { runs, groups }: Layouts,
  partition: number,
  from: number,
  to: number,
): Layout {
  const { spans, scopes } = index;
  const firstGroup = groups.count;
  let total = 0;
  for (let at = from; at < to; ) {
    const resource =
      scopes.cells[spans.cells[order[at]! * spans.stride + SPAN_SCOPE]! * scopes.stride + SCOPE_RESOURCE]!;
    const firstRun = runs.count;
    let groupBytes = heads.ofResource(resource).length;
    while (at < to) {
      const scope = spans.cells[order[at]! * spans.stride + SPAN_SCOPE]!;
      if (scopes.cells[scope * scopes.stride + SCOPE_RESOURCE] !== resource) break;
      const runFrom = at;
      let runBytes = heads.ofScope(scope).length;
      while (at < to) {
        const span = order[at]! * spans.stride;
        if (spans.cells[span + SPAN_SCOPE] !== scope) break;
        runBytes += spans.cells[span + SPAN_END]! - spans.cells[span + SPAN_START]!;
        at += 1;
      }
      const run = runs.add();
      runs.cells[run + RUN_SCOPE] = scope;
      runs.cells[run + RUN_FROM] = runFrom;
      runs.cells[run + RUN_TO] = at;
      runs.cells[run + RUN_BYTES] = runBytes;
      groupBytes += 1 + varintSize(runBytes) + runBytes;
    }
    const group = groups.add();
    groups.cells[group + GROUP_FROM] = firstRun;
    groups.cells[group + GROUP_TO] = runs.count;
    groups.cells[group + GROUP_BYTES] = groupBytes;
    total += 1 + varintSize(groupBytes) + groupBytes;
  }
  return { partition, spanCount: to - from, firstGroup, endGroup: groups.count, bytes: total };
}

function write(
  index: SpanIndex,
  heads: Heads,
  order: Int32Array,
  { runs, groups }: Layouts,
  layout: Layout,
  out: Uint8Array,
): PartitionBytes {
  const { spans, scopes } = index;
  let pos = 0;
  for (let group = layout.firstGroup; group < layout.endGroup; group += 1) {
    const groupAt = group * groups.stride;
    const firstRun = groups.cells[groupAt + GROUP_FROM]!;
    const firstScope = runs.cells[firstRun * runs.stride + RUN_SCOPE]!;
    const resourceHead = heads.ofResource(scopes.cells[firstScope * scopes.stride + SCOPE_RESOURCE]!);
    out[pos] = 10;
    pos = putVarint(out, pos + 1, groups.cells[groupAt + GROUP_BYTES]!);
    out.set(resourceHead, pos);
    pos += resourceHead.length;
    for (let run = firstRun; run < groups.cells[groupAt + GROUP_TO]!; run += 1) {
      const runAt = run * runs.stride;
      const scopeHead = heads.ofScope(runs.cells[runAt + RUN_SCOPE]!);
      out[pos] = 18;
      pos = putVarint(out, pos + 1, runs.cells[runAt + RUN_BYTES]!);
      out.set(scopeHead, pos);
      pos += scopeHead.length;
      pos = copySpans(index.bytes, spans, order, runs.cells[runAt + RUN_FROM]!, runs.cells[runAt + RUN_TO]!, out, pos);
    }
  }
  return { partition: layout.partition, spanCount: layout.spanCount, bytes: out };
}

/** Copies neighbours in one go. */
function copySpans(
  bytes: Uint8Array,
  spans: IntList,
  order: Int32Array,
  from: number,
  to: number,
  out: Uint8Array,
  pos: number,
): number {
  let at = from;
  let outAt = pos;
  while (at < to) {
    const start = spans.cells[order[at]! * spans.stride + SPAN_START]!;
    let end = spans.cells[order[at]! * spans.stride + SPAN_END]!;
    at += 1;
    while (at < to && spans.cells[order[at]! * spans.stride + SPAN_START] === end) {
      end = spans.cells[order[at]! * spans.stride + SPAN_END]!;
      at += 1;
    }
    out.set(bytes.subarray(start, end), outAt);
    outAt += end - start;
  }
  return outAt;
}

/** What goes before the spans in each copy: all fields of a `ResourceSpans` or a `ScopeSpans` but field 2, made on first need. */
class Heads {
  private readonly index: SpanIndex;
  private readonly reader: WireReader;
  private readonly resources: (Uint8Array | undefined)[] = [];
  private readonly scopes: (Uint8Array | undefined)[] = [];

  constructor(index: SpanIndex) {
    this.index = index;
    this.reader = new WireReader(index.bytes);
  }

  ofResource(row: number): Uint8Array {
    const { cells, stride } = this.index.resources;
    const at = row * stride;
    return (this.resources[row] ??= this.headOf(cells[at + RESOURCE_START]!, cells[at + RESOURCE_END]!));
  }

  ofScope(row: number): Uint8Array {
    const { cells, stride } = this.index.scopes;
    const at = row * stride;
    return (this.scopes[row] ??= this.headOf(cells[at + SCOPE_START]!, cells[at + SCOPE_END]!));
  }

  /** Fields 1 (the resource or the scope) become one, the others follow as they are. The message must be sound. */
  private headOf(start: number, end: number): Uint8Array {
    const reader = this.reader;
    const { bytes } = reader;
    reader.recover(start, end);
    const messages: Uint8Array[] = [];
    const others: Uint8Array[] = [];
    /** The last field 1, with its tag and length. */
    let field: Uint8Array = NOTHING;
    while (reader.pos < reader.end) {
      const fieldStart = reader.pos;
      const tag = reader.tag();
      if (tag === 10) {
        const length = reader.length();
        messages.push(bytes.subarray(reader.pos, reader.pos + length));
        reader.pos += length;
        field = bytes.subarray(fieldStart, reader.pos);
        continue;
      }
      reader.skip(tag);
      if (tag !== 18) others.push(bytes.subarray(fieldStart, reader.pos));
    }
    // Nearly all are one field, which needs no copy.
    return joined([...(messages.length <= 1 ? [field] : [headerOf(messages), ...messages]), ...others]);
  }
}

/** Tag and length of a field 1 that holds all of them. */
function headerOf(messages: readonly Uint8Array[]): Uint8Array {
  const length = messages.reduce((sum, message) => sum + message.length, 0);
  const header = new Uint8Array(1 + varintSize(length));
  header[0] = 10;
  putVarint(header, 1, length);
  return header;
}
