/**
 * Where the engine keeps its blobs. Everything above this interface is blocks, chunks and segments; everything below is how
 * they are kept. Calls are synchronous and belong in a worker. Trouble is thrown as `SPOOR_STORAGE_UNAVAILABLE`, damage as
 * `SPOOR_STORAGE_CORRUPT`.
 */
export interface Container {
  /** Runs `work` so that all its writes happen durably, or none. */
  writing<T>(work: () => T): T;
  /** Runs `work` on one state of the data. */
  reading<T>(work: () => T): T;
  /** Changes when another connection wrote. */
  version(): number;

  tenants(): readonly TenantRow[];
  addTenant(name: string): number;

  segments(): readonly SegmentRow[];
  newSegmentId(): number;
  putSegment(row: SegmentRow): void;
  deleteSegment(id: number): void;
  segmentMeta(id: number): Uint8Array;
  segmentFilter(id: number): Uint8Array;
  putSegmentMeta(id: number, meta: Uint8Array, filter: Uint8Array): void;

  blocks(segment: number): readonly BlockRow[];
  blockIndex(arrival: number): Uint8Array;
  putBlock(row: BlockRow, index: Uint8Array): void;
  deleteBlocks(segment: number): void;
  /** Of all blocks that ever were. */
  lastArrival(): number;
  setLastArrival(arrival: number): void;

  /** `undefined` when there is no such chunk (any more). */
  chunk(id: number): Uint8Array | undefined;
  putChunk(id: number, body: Uint8Array): void;
  /** The first of `count` numbers that were never given to a chunk. */
  newChunkIds(count: number): number;

  stripeHot(parts: number, stripe: number): Uint8Array;
  stripeCold(parts: number, stripe: number): Uint8Array;
  putStripe(parts: number, stripe: number, hot: Uint8Array, cold: Uint8Array): void;
  postings(parts: number, bucket: number): Uint8Array;
  putPostings(parts: number, bucket: number, body: Uint8Array): void;
  /** Numbers under which a segment's stripes and postings lie; none is given twice, so that a half-written set is in nobody's way. */
  newParts(): number;
  /** What can be deleted: parts, and chunks that nothing refers to. */
  garbage(): readonly GarbageRow[];
  putGarbage(row: GarbageRow): void;
  /** What the row named is in use now. */
  dropGarbage(parts: number): void;
  /** Deletes some of it; true when nothing is left of the row. */
  collect(row: GarbageRow, atMost: number): boolean;
  /** Gives free space back to the file system, a slice; true when there is no more. */
  shrink(): boolean;
  /** Makes the write-ahead log short again where there is one. */
  truncateLog(): void;

  /** Notes that a name occurs in a segment. */
  putName(name: NameRow): void;
  services(tenant: number): readonly string[];
  operations(tenant: number, service: string): readonly { readonly name: string; readonly kind: number }[];
  /** Forgets names that occur in no segment after `segment`. */
  forgetNames(tenant: number, segment: number): void;

  /** Bytes of the data, and bytes that the files take. */
  size(): { readonly usedBytes: number; readonly fileBytes: number };
  close(): void;
}

export interface TenantRow {
  readonly id: number;
  readonly name: string;
}

export type SegmentState = 'open' | 'closed' | 'sealed';

export interface SegmentRow {
  readonly id: number;
  readonly tenant: number;
  readonly state: SegmentState;
  readonly parts: number;
  readonly spanCount: number;
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
}

export interface BlockRow {
  /** Grows with each block of the whole store. */
  readonly arrival: number;
  readonly segment: number;
  readonly spanCount: number;
}

export interface GarbageRow {
  readonly parts: number;
  readonly chunkIds: readonly number[];
}

export interface NameRow {
  readonly tenant: number;
  readonly service: string;
  readonly operation: string;
  readonly kind: number;
  readonly segment: number;
}
