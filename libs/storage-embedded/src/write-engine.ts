import { SPAN_KINDS, SpoorError } from '@spoor/model';
import { SpanCursor } from '@spoor/otlp';
import type { BuiltBlock } from './block-builder.ts';
import { BlockBuilder, MAX_BLOCK_SPANS } from './block-builder.ts';
import { ByteCache } from './byte-cache.ts';
import { ChunkView } from './chunk.ts';
import type { EmbeddedStorageConfig } from './config.ts';
import type { Container, SegmentRow } from './container.ts';
import { openFrame } from './frame.ts';
import { TermHash, wordAt } from './hash.ts';
import { decodeIndex, encodeIndex } from './index-codec.ts';
import type { SpanPlace } from './once.ts';
import { ContentHash, OnceTable } from './once.ts';
import { segmentSource } from './segment-source.ts';
import type { Source } from './source.ts';

const MAX_ATTEMPTS = 3;
const CHUNK_IDS_AT_ONCE = 4096;
const CACHE_BYTES = 24 * 2 ** 20;

export interface WriteGroup {
  readonly tenant: string;
  readonly bytes: Uint8Array;
}

export interface WriteResult {
  readonly storedSpans: number;
  readonly duplicateSpans: number;
  readonly blocks: number;
  /** Whether a segment was closed and waits to be sealed. */
  readonly closedSegment: boolean;
}

interface TenantState {
  readonly id: number;
  open: SegmentRow | undefined;
  openBlocks: number;
  /** Of every unsealed segment. */
  readonly tables: Map<number, OnceTable>;
  sealed: readonly Source[];
  /** Names noted for the open segment already. */
  names: Set<string>;
}

/** Puts spans into blocks, each span once, a transaction a call. Used by one worker only. */
export class WriteEngine {
  private readonly container: Container;
  private readonly limits: EmbeddedStorageConfig['segment'];
  private readonly hash: TermHash;
  private readonly contents: ContentHash;
  private readonly cache = new ByteCache(CACHE_BYTES);
  private readonly sources = new Map<number, Source>();
  private readonly builder: BlockBuilder;
  private tenants: Map<string, TenantState> | undefined;
  private version = -1;
  private arrival = 0;
  private chunkIds = { next: 0, end: 0 };
  /** Chunks of the running call that were looked at for duplicates. */
  private readonly pendingChunks = new Map<number, ChunkView>();

  constructor(container: Container, limits: EmbeddedStorageConfig['segment'], hashMask: number) {
    this.container = container;
    this.limits = limits;
    this.hash = new TermHash(hashMask);
    this.contents = new ContentHash(hashMask);
    this.builder = new BlockBuilder(this.hash, SPAN_KINDS, () => this.newChunkId());
  }

  /** Loads what is needed to tell duplicates. Called by `write` when it was not, and again after a failure. */
  load(): void {
    const { container } = this;
    container.reading(() => {
      this.version = container.version();
      this.arrival = container.lastArrival();
      const tenants = new Map<string, TenantState>();
      const byId = new Map<number, TenantState>();
      for (const { id, name } of container.tenants()) {
        const state: TenantState = {
          id,
          open: undefined,
          openBlocks: 0,
          tables: new Map(),
          sealed: [],
          names: new Set(),
        };
        tenants.set(name, state);
        byId.set(id, state);
      }
      for (const row of container.segments()) {
        const state = byId.get(row.tenant);
        if (state === undefined || row.state === 'sealed') continue;
        const blocks = container.blocks(row.id);
        state.tables.set(row.id, this.loadTable(blocks));
        if (row.state === 'open') {
          state.open = row;
          state.openBlocks = blocks.length;
        }
      }
      this.tenants = tenants;
      this.refreshSealed();
    });
  }

  private loadTable(blocks: readonly { readonly arrival: number }[]): OnceTable {
    const table = new OnceTable();
    for (const { arrival } of blocks) {
      const { columns, chunkIds, count } = decodeIndex(this.container.blockIndex(arrival), `block ${arrival}`);
      for (let i = 0; i < count; i += 1) {
        const place = { chunkId: chunkIds[columns.chunk[i]!]!, position: columns.position[i]! };
        table.add(columns.content[i]!, columns.span1[i]!, place);
      }
    }
    return table;
  }

  /** Takes in what the keeper changed: sealed, merged and dropped segments. */
  private refreshSealed(): void {
    const { container } = this;
    const rows = container.segments();
    const unsealed = new Set<number>();
    const byTenant = new Map<number, Source[]>();
    const parts = new Set<number>();
    for (const row of rows) {
      if (row.state !== 'sealed') {
        unsealed.add(row.id);
        continue;
      }
      parts.add(row.parts);
      let source = this.sources.get(row.parts);
      if (source === undefined) this.sources.set(row.parts, (source = segmentSource(container, this.cache, row)));
      const list = byTenant.get(row.tenant);
      if (list === undefined) byTenant.set(row.tenant, [source]);
      else list.push(source);
    }
    for (const known of this.sources.keys()) if (!parts.has(known)) this.sources.delete(known);
    for (const state of this.tenants?.values() ?? []) {
      state.sealed = byTenant.get(state.id) ?? [];
      for (const id of state.tables.keys()) if (!unsealed.has(id)) state.tables.delete(id);
    }
  }

  /** Stores the spans of all groups durably. When it throws, none of them is stored. */
  write(groups: readonly WriteGroup[], nowMs: number): WriteResult {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.writeAll(groups, nowMs);
      } catch (error) {
        // Memory may be ahead of the disk now.
        this.tenants = undefined;
        this.builder.clear();
        this.pendingChunks.clear();
        if (!(error instanceof ChunkMoved) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  private writeAll(groups: readonly WriteGroup[], nowMs: number): WriteResult {
    if (this.tenants === undefined) this.load();
    const { container } = this;
    if (container.version() !== this.version) {
      container.reading(() => {
        this.version = container.version();
        this.refreshSealed();
      });
    }
    const closing = new Set<TenantState>();
    const blocks: { readonly state: TenantState; readonly built: BuiltBlock }[] = [];
    let duplicateSpans = 0;
    for (const tenant of new Set(groups.map((group) => group.tenant))) {
      const state = this.stateOf(tenant);
      const table = this.tableOf(state, nowMs);
      const flush = () => {
        if (this.builder.count > 0) blocks.push({ state, built: this.builder.finish((this.arrival += 1)) });
      };
      for (const group of groups) {
        if (group.tenant !== tenant) continue;
        const cursor = new SpanCursor(group.bytes);
        while (cursor.next()) {
          const content = this.contents.of(cursor);
          if (this.isStored(state, cursor, content, blocks)) {
            duplicateSpans += 1;
            continue;
          }
          const place = this.builder.add(cursor, content);
          table.add(content, wordOf(cursor), place);
          if (this.builder.count === MAX_BLOCK_SPANS) flush();
        }
      }
      flush();
    }
    if (blocks.length === 0) return { storedSpans: 0, duplicateSpans, blocks: 0, closedSegment: false };
    const encoded = blocks.map(({ built }) => encodeIndex(built.index));
    let storedSpans = 0;
    container.writing(() => {
      blocks.forEach(({ state, built }, i) => {
        this.put(state, built, encoded[i]!, nowMs);
        storedSpans += built.index.count;
        if (this.isFull(state)) closing.add(state);
      });
      container.setLastArrival(this.arrival);
      for (const { open } of closing) if (open !== undefined) container.putSegment({ ...open, state: 'closed' });
    });
    this.pendingChunks.clear();
    for (const state of closing) state.open = undefined;
    return { storedSpans, duplicateSpans, blocks: blocks.length, closedSegment: closing.size > 0 };
  }

  /** Closes open segments that are older than they may become. Returns whether there are any. */
  closeOld(nowMs: number): boolean {
    if (this.tenants === undefined) this.load();
    const old = [...(this.tenants?.values() ?? [])].filter(
      ({ open }) => open !== undefined && nowMs - open.firstArrivalMs >= this.limits.maxAgeMs,
    );
    if (old.length === 0) return false;
    this.container.writing(() => {
      for (const { open } of old) if (open !== undefined) this.container.putSegment({ ...open, state: 'closed' });
    });
    for (const state of old) state.open = undefined;
    return true;
  }

  private stateOf(tenant: string): TenantState {
    const known = this.tenants?.get(tenant);
    if (known !== undefined) return known;
    const id = this.container.writing(() => this.container.addTenant(tenant));
    const state: TenantState = { id, open: undefined, openBlocks: 0, tables: new Map(), sealed: [], names: new Set() };
    this.tenants?.set(tenant, state);
    return state;
  }

  private tableOf(state: TenantState, nowMs: number): OnceTable {
    if (state.open === undefined) {
      const id = this.container.writing(() => this.container.newSegmentId());
      state.open = {
        id,
        tenant: state.id,
        state: 'open',
        parts: 0,
        spanCount: 0,
        firstArrivalMs: nowMs,
        lastArrivalMs: nowMs,
      };
      state.openBlocks = 0;
      state.names = new Set();
      state.tables.set(id, new OnceTable());
    }
    return state.tables.get(state.open.id)!;
  }

  private put(state: TenantState, { index, chunks, names }: BuiltBlock, encoded: Uint8Array, nowMs: number): void {
    const { container } = this;
    const { open } = state;
    if (open === undefined) throw new SpoorError('SPOOR_INTERNAL', 'a block was written without an open segment');
    state.open = {
      ...open,
      spanCount: open.spanCount + index.count,
      lastArrivalMs: Math.max(open.lastArrivalMs, nowMs),
    };
    state.openBlocks += 1;
    container.putSegment(state.open);
    container.putBlock({ arrival: index.firstArrival, segment: open.id, spanCount: index.count }, encoded);
    for (const { id, body } of chunks) container.putChunk(id, body);
    for (const name of names) {
      const key = `${name.kind}${name.service.length}:${name.service}${name.operation}`;
      if (state.names.has(key)) continue;
      state.names.add(key);
      container.putName({ tenant: state.id, segment: open.id, ...name });
    }
  }

  private isFull({ open, openBlocks }: TenantState): boolean {
    return open !== undefined && (open.spanCount >= this.limits.maxSpans || openBlocks >= this.limits.maxBlocks);
  }

  private isStored(
    state: TenantState,
    cursor: SpanCursor,
    content: number,
    blocks: readonly { readonly built: BuiltBlock }[],
  ): boolean {
    const span = wordOf(cursor);
    for (const table of state.tables.values()) {
      if (table.find(content, span, (place) => this.isAt(place, cursor, blocks))) return true;
    }
    return state.sealed.some((source) => isWithin(source, cursor) && this.isIn(source, cursor, content, blocks));
  }

  private isIn(source: Source, cursor: SpanCursor, content: number, blocks: readonly { readonly built: BuiltBlock }[]) {
    const [a, b, c, d] = [0, 4, 8, 12].map((at) => wordAt(cursor.bytes, cursor.traceIdAt + at)) as [
      number,
      number,
      number,
      number,
    ];
    const term = this.hash.trace(a, b, c, d);
    if (!source.mayHoldTrace(term)) return false;
    for (const ordinal of source.posting(term)) {
      const stripe = Math.floor(ordinal / source.stripeSpans);
      const at = ordinal - stripe * source.stripeSpans;
      const hot = source.hot(stripe);
      if (hot.startLow[at] !== cursor.startTimeLow || hot.trace3[at] !== d || hot.trace0[at] !== a) continue;
      const cold = source.cold(stripe);
      if (cold.content[at] !== content) continue;
      const place = { chunkId: source.chunkIds[cold.chunk[at]!]!, position: cold.position[at]! };
      if (this.isAt(place, cursor, blocks)) return true;
    }
    return false;
  }

  private isAt(
    { chunkId, position }: SpanPlace,
    cursor: SpanCursor,
    blocks: readonly { readonly built: BuiltBlock }[],
  ): boolean {
    const pending = this.builder.view(chunkId) ?? this.pendingView(chunkId, blocks);
    return (pending ?? this.storedView(chunkId)).holds(position, cursor.bytes, cursor);
  }

  private pendingView(chunkId: number, blocks: readonly { readonly built: BuiltBlock }[]): ChunkView | undefined {
    const known = this.pendingChunks.get(chunkId);
    if (known !== undefined) return known;
    for (const { built } of blocks) {
      const chunk = built.chunks.find(({ id }) => id === chunkId);
      if (chunk === undefined) continue;
      const view = new ChunkView(openFrame(chunk.body, `chunk ${chunkId}`), `chunk ${chunkId}`);
      this.pendingChunks.set(chunkId, view);
      return view;
    }
    return undefined;
  }

  private storedView(chunkId: number): ChunkView {
    return this.cache.get(`b${chunkId}`, () => {
      const frame = this.container.chunk(chunkId);
      if (frame === undefined) {
        throw new ChunkMoved('SPOOR_STORAGE_UNAVAILABLE', `chunk ${chunkId} is not there`, { retryAfterMs: 1000 });
      }
      const value = new ChunkView(openFrame(frame, `chunk ${chunkId}`), `chunk ${chunkId}`);
      return { value, bytes: value.bytes.length + value.spanCount * 40 };
    });
  }

  private newChunkId(): number {
    const { chunkIds } = this;
    if (chunkIds.next >= chunkIds.end) {
      chunkIds.next = this.container.writing(() => this.container.newChunkIds(CHUNK_IDS_AT_ONCE));
      chunkIds.end = chunkIds.next + CHUNK_IDS_AT_ONCE;
    }
    return chunkIds.next++;
  }
}

/** The keeper put the chunk's spans elsewhere since the last look; the next attempt takes that in. */
class ChunkMoved extends SpoorError {}

function isWithin(source: Source, cursor: SpanCursor): boolean {
  const { startTimeHigh: high, startTimeLow: low } = cursor;
  return (
    (high > source.minStartHigh || (high === source.minStartHigh && low >= source.minStartLow)) &&
    (high < source.maxStartHigh || (high === source.maxStartHigh && low <= source.maxStartLow))
  );
}

/** The half of the span id that tells spans of one hash apart. */
function wordOf(cursor: SpanCursor): number {
  return wordAt(cursor.bytes, cursor.spanIdAt + 4);
}
