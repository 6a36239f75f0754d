import { ChunkBuilder, ChunkView } from './chunk.ts';
import type { EmbeddedStorageConfig } from './config.ts';
import type { Container, SegmentRow } from './container.ts';
import { frameLength, openFrame, sealFrame } from './frame.ts';
import { mix, TermHash } from './hash.ts';
import { decodeColdColumns, decodeHotColumns, decodeIndex } from './index-codec.ts';
import {
  bucketBitsFor,
  bucketsOf,
  decodeMeta,
  encodeFilter,
  encodeMeta,
  postingsOfBucket,
  STRIPE_SPANS,
  stripesOf,
} from './segment-codec.ts';
import type { SpanIndex } from './span-index.ts';
import { COLD_COLUMNS, HOT_COLUMNS, makeColumns, mergeIndexes, NO_PARENT, PARENT_ELSEWHERE } from './span-index.ts';

/** Segments below a quarter of the bound are small; so many of them in a row become one. */
const SMALL_SEGMENTS_MERGED = 8;
/** Rows that one short transaction deletes, so that writers wait for none for long. */
const ROWS_PER_SLICE = 64;
/** Chunks with less than this on average are put together when their segment is sealed. */
const SMALL_CHUNK_BYTES = 32 * 1024;
const CHUNK_BYTES = 128 * 1024;

export interface Kept {
  readonly sealed: number;
  readonly dropped: number;
  readonly droppedSpans: number;
}

/** Seals closed segments, merges small ones, drops old ones, gives space back. In its own worker, in short transactions. */
export class Keeper {
  private readonly container: Container;
  private readonly config: EmbeddedStorageConfig;
  private readonly hash: TermHash;

  constructor(container: Container, config: EmbeddedStorageConfig, hashMask: number) {
    this.container = container;
    this.config = config;
    this.hash = new TermHash(hashMask);
  }

  keep(nowMs: number): Kept {
    let sealed = 0;
    for (const row of this.container.segments()) {
      if (row.state !== 'closed') continue;
      this.seal(row);
      sealed += 1;
    }
    this.mergeSmall();
    const dropped = this.drop(nowMs);
    this.clean(dropped.dropped > 0);
    return { sealed, ...dropped };
  }

  size() {
    const segments = this.container.segments();
    return {
      ...this.container.size(),
      segments: segments.length,
      unsealedSegments: segments.filter(({ state }) => state !== 'sealed').length,
    };
  }

  private seal(row: SegmentRow): void {
    const { container } = this;
    const parts = container
      .blocks(row.id)
      .map(({ arrival }) => decodeIndex(container.blockIndex(arrival), `block ${arrival}`));
    this.write([row], parts);
  }

  /** Puts adjacent small segments of a tenant together, so that quiet tenants do not leave thousands of segments. */
  private mergeSmall(): void {
    const byTenant = Map.groupBy(this.container.segments(), (row) => row.tenant);
    for (const rows of byTenant.values()) {
      let run: SegmentRow[] = [];
      for (const row of rows) {
        const isSmall = row.state === 'sealed' && row.spanCount < this.config.segment.maxSpans / 4;
        run = isSmall ? [...run, row] : [];
        if (run.length < SMALL_SEGMENTS_MERGED) continue;
        this.write(
          run,
          run.map((small) => this.readSealed(small)),
        );
        run = [];
      }
    }
  }

  /** A sealed segment as one index again. */
  private readSealed(row: SegmentRow): SpanIndex {
    const { container } = this;
    const what = `segment ${row.id}`;
    const meta = decodeMeta(container.segmentMeta(row.id), what);
    const columns = makeColumns(meta.count);
    for (let from = 0; from < meta.count; from += STRIPE_SPANS) {
      const count = Math.min(STRIPE_SPANS, meta.count - from);
      const stripe = from / STRIPE_SPANS;
      const hot = decodeHotColumns(container.stripeHot(row.parts, stripe), count, what);
      const cold = decodeColdColumns(container.stripeCold(row.parts, stripe), count, what);
      for (const name of HOT_COLUMNS) columns[name].set(hot[name], from);
      for (const name of COLD_COLUMNS) columns[name].set(cold[name], from);
    }
    const hashes: Uint32Array[] = [];
    const ordinals: Uint32Array[] = [];
    for (let bucket = 0; bucket < 2 ** meta.bucketBits; bucket += 1) {
      const pairs = postingsOfBucket(openFrame(container.postings(row.parts, bucket), what), meta.count, what);
      hashes.push(pairs.hashes);
      ordinals.push(pairs.ordinals);
    }
    return { ...meta, columns, termHashes: joined(hashes), termOrdinals: joined(ordinals) };
  }

  /** Writes the segment that replaces `rows`. What is written before the last transaction is garbage until that one. */
  private write(rows: readonly SegmentRow[], parts: readonly SpanIndex[]): void {
    const { container } = this;
    const number = container.writing(() => {
      const fresh = container.newParts();
      container.putGarbage({ parts: fresh, chunkIds: [] });
      return fresh;
    });
    const merged = mergeIndexes(parts);
    const rechunked = this.joinChunks(merged, number);
    const index = rechunked.index;
    resolveParents(index);
    const bits = bucketBitsFor(index.termHashes.length);
    let stripe = 0;
    for (const { hot, cold } of stripesOf(index)) {
      const at = stripe;
      container.writing(() => container.putStripe(number, at, hot, cold));
      stripe += 1;
    }
    let bucket = 0;
    const buckets = bucketsOf(index, bits);
    for (let slice = [...take(buckets, ROWS_PER_SLICE)]; slice.length > 0; slice = [...take(buckets, ROWS_PER_SLICE)]) {
      container.writing(() => {
        for (const body of slice) container.putPostings(number, bucket++, body);
      });
    }
    const { columns, count } = index;
    const meta = encodeMeta({
      count,
      bucketBits: bits,
      origins: index.origins,
      operations: index.operations,
      chunkIds: index.chunkIds,
      firstArrival: index.firstArrival,
      lastArrival: index.firstArrival + columns.arrival.reduce((last, arrival) => Math.max(last, arrival), 0),
      minStart: [columns.startHigh[0]!, columns.startLow[0]!],
      maxStart: [columns.startHigh[count - 1]!, columns.startLow[count - 1]!],
    });
    const traces = new Set<number>();
    for (let i = 0; i < count; i += 1) {
      traces.add(this.hash.trace(columns.trace0[i]!, columns.trace1[i]!, columns.trace2[i]!, columns.trace3[i]!));
    }
    const filter = encodeFilter(traces);
    const last = rows.at(-1)!;
    container.writing(() => {
      for (const row of rows) {
        container.deleteBlocks(row.id);
        container.deleteSegment(row.id);
        if (row.parts > 0) container.putGarbage({ parts: row.parts, chunkIds: [] });
      }
      container.putSegment({
        id: last.id,
        tenant: last.tenant,
        state: 'sealed',
        parts: number,
        spanCount: count,
        firstArrivalMs: Math.min(...rows.map((row) => row.firstArrivalMs)),
        lastArrivalMs: Math.max(...rows.map((row) => row.lastArrivalMs)),
      });
      container.putSegmentMeta(last.id, meta, filter);
      // From here on its parts are in use, and the chunks that were put together are not.
      container.dropGarbage(number);
      if (rechunked.unused.length > 0)
        container.putGarbage({ parts: container.newParts(), chunkIds: rechunked.unused });
    });
  }

  /** Puts the spans of small chunks in larger ones. Chunks of small commits compress badly and are many rows. */
  private joinChunks(
    index: SpanIndex,
    parts: number,
  ): { readonly index: SpanIndex; readonly unused: readonly number[] } {
    const { container } = this;
    const small = index.chunkIds.map((id) => {
      const frame = container.chunk(id);
      const length = frame === undefined ? 0 : frameLength(frame);
      return length < SMALL_CHUNK_BYTES;
    });
    const unused = index.chunkIds.filter((_, i) => small[i]);
    if (unused.length < 2) return { index, unused: [] };
    const chunkIds = index.chunkIds.filter((_, i) => !small[i]);
    const numberOf = new Map(chunkIds.map((id, number) => [id, number]));
    const places = new Map<number, { readonly number: number; readonly base: number }>();
    const builder = new ChunkBuilder();
    let pending: { id: number; number: number; base: number }[] = [];
    const fresh: number[] = [];
    const flush = () => {
      if (builder.spanCount === 0) return;
      const body = sealFrame(builder.message(), 'zstd');
      const id = container.writing(() => {
        const first = container.newChunkIds(1);
        container.putChunk(first, body);
        fresh.push(first);
        container.putGarbage({ parts, chunkIds: fresh });
        return first;
      });
      chunkIds.push(id);
      for (const { id: from, number, base } of pending) places.set(from, { number, base });
      pending = [];
      builder.clear();
    };
    for (const id of unused) {
      const view = new ChunkView(openFrame(container.chunk(id)!, `chunk ${id}`), `chunk ${id}`);
      pending.push({ id, number: chunkIds.length, base: builder.spanCount });
      for (let position = 0; position < view.spanCount; position += 1) builder.add(view.bytes, view.ranges(position));
      if (builder.length >= CHUNK_BYTES) flush();
    }
    flush();
    const { chunk, position } = index.columns;
    for (let i = 0; i < index.count; i += 1) {
      const id = index.chunkIds[chunk[i]!]!;
      const place = places.get(id);
      chunk[i] = place?.number ?? numberOf.get(id)!;
      position[i]! += place?.base ?? 0;
    }
    return { index: { ...index, chunkIds }, unused };
  }

  /** Retention: by age of the last arrival, then by size; the oldest first, so that a tenant's segments go in their order. */
  private drop(nowMs: number): { readonly dropped: number; readonly droppedSpans: number } {
    const { maxAgeMs, maxBytes } = this.config.retention;
    let dropped = 0;
    let droppedSpans = 0;
    const blocked = new Set<number>();
    const rows = [...this.container.segments()].sort((a, b) => a.lastArrivalMs - b.lastArrivalMs || a.id - b.id);
    let used = this.container.size().usedBytes;
    for (const row of rows) {
      if (row.state !== 'sealed') blocked.add(row.tenant);
      if (blocked.has(row.tenant)) continue;
      const isOld = maxAgeMs > 0 && row.lastArrivalMs < nowMs - maxAgeMs;
      if (!isOld && !(maxBytes > 0 && used > maxBytes)) continue;
      this.dropSegment(row);
      this.collectGarbage();
      used = this.container.size().usedBytes;
      dropped += 1;
      droppedSpans += row.spanCount;
    }
    return { dropped, droppedSpans };
  }

  private dropSegment(row: SegmentRow): void {
    const { container } = this;
    const { chunkIds } = decodeMeta(container.segmentMeta(row.id), `segment ${row.id}`);
    container.writing(() => {
      container.deleteSegment(row.id);
      container.putGarbage({ parts: row.parts, chunkIds });
      container.forgetNames(row.tenant, row.id);
    });
  }

  private collectGarbage(): void {
    const { container } = this;
    for (let [row] = container.garbage(); row !== undefined; [row] = container.garbage()) {
      const current = row;
      container.writing(() => container.collect(current, ROWS_PER_SLICE));
    }
  }

  private clean(didDrop: boolean): void {
    const { container } = this;
    this.collectGarbage();
    let isSmaller = didDrop;
    while (!container.shrink()) isSmaller = true;
    if (isSmaller) container.truncateLog();
  }
}

/** Fills in the origin of each span's parent where the parent is in the same index. */
function resolveParents({ columns, count }: SpanIndex): void {
  const { span0, span1, parent0, parent1, trace0, trace1, trace2, trace3, parentOrigin, origin } = columns;
  const slots = 2 ** (33 - Math.clz32(Math.max(1, count)));
  // Ordinals plus one; 0 is a free slot.
  const table = new Uint32Array(slots);
  const slotOf = (i: number, high: number, low: number) => mix(mix(high ^ trace3[i]!) ^ low ^ trace1[i]!) & (slots - 1);
  for (let i = 0; i < count; i += 1) {
    let slot = slotOf(i, span0[i]!, span1[i]!);
    while (table[slot] !== 0) slot = (slot + 1) & (slots - 1);
    table[slot] = i + 1;
  }
  for (let i = 0; i < count; i += 1) {
    const high = parent0[i]!;
    const low = parent1[i]!;
    if (high === 0 && low === 0) {
      parentOrigin[i] = NO_PARENT;
      continue;
    }
    parentOrigin[i] = PARENT_ELSEWHERE;
    for (let slot = slotOf(i, high, low); table[slot] !== 0; slot = (slot + 1) & (slots - 1)) {
      const at = table[slot]! - 1;
      if (span0[at] !== high || span1[at] !== low || trace0[at] !== trace0[i] || trace1[at] !== trace1[i]) continue;
      if (trace2[at] !== trace2[i] || trace3[at] !== trace3[i]) continue;
      parentOrigin[i] = origin[at]! + 2;
      break;
    }
  }
}

function* take<T>(values: Generator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i += 1) {
    const next = values.next();
    if (next.done) return;
    yield next.value;
  }
}

function joined(arrays: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
