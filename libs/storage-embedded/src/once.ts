import type { SpanCursor } from '@spoor/otlp';
import { hashBytes, mix } from './hash.ts';

/** Where a span's bytes lie. */
export interface SpanPlace {
  readonly chunkId: number;
  readonly position: number;
}

/**
 * The spans of one unsealed segment by content hash and span id. It only names suspects: whoever asks compares the bytes.
 * Open addressing over typed arrays; 16 bytes a slot.
 */
export class OnceTable {
  private count = 0;
  private slots = 1024;
  private contents = new Uint32Array(this.slots);
  private spans = new Uint32Array(this.slots);
  private chunks = new Uint32Array(this.slots);
  private positions = new Uint32Array(this.slots);

  add(content: number, span: number, place: SpanPlace): void {
    if (this.count * 2 >= this.slots) this.grow();
    this.insert(content, span, place.chunkId, place.position);
    this.count += 1;
  }

  /** The first place that `isSame` holds for among those of the same hash. */
  find(content: number, span: number, isSame: (place: SpanPlace) => boolean): boolean {
    const mask = this.slots - 1;
    for (let slot = mix(content ^ span) & mask; this.chunks[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.contents[slot] !== content || this.spans[slot] !== span) continue;
      if (isSame({ chunkId: this.chunks[slot]!, position: this.positions[slot]! })) return true;
    }
    return false;
  }

  private insert(content: number, span: number, chunkId: number, position: number): void {
    const mask = this.slots - 1;
    let slot = mix(content ^ span) & mask;
    while (this.chunks[slot] !== 0) slot = (slot + 1) & mask;
    this.contents[slot] = content;
    this.spans[slot] = span;
    this.chunks[slot] = chunkId;
    this.positions[slot] = position;
  }

  private grow(): void {
    const { contents, spans, chunks, positions, slots } = this;
    this.slots = slots * 2;
    this.contents = new Uint32Array(this.slots);
    this.spans = new Uint32Array(this.slots);
    this.chunks = new Uint32Array(this.slots);
    this.positions = new Uint32Array(this.slots);
    for (let slot = 0; slot < slots; slot += 1) {
      if (chunks[slot] !== 0) this.insert(contents[slot]!, spans[slot]!, chunks[slot]!, positions[slot]!);
    }
  }
}

/** Hashes contents of spans: resource, scope and span together. The part of resource and scope is kept from span to span. */
export class ContentHash {
  private readonly mask: number;
  private cursor: SpanCursor | undefined;
  private scopeNumber = -1;
  private surroundings = 0;

  constructor(mask: number) {
    this.mask = mask;
  }

  of(cursor: SpanCursor): number {
    const { bytes } = cursor;
    if (cursor !== this.cursor || cursor.scopeNumber !== this.scopeNumber) {
      this.cursor = cursor;
      this.scopeNumber = cursor.scopeNumber;
      let hash = hashBytes(bytes, cursor.resourceStart, cursor.resourceEnd, 0x3c6ef372);
      hash = hashBytes(bytes, cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd, hash);
      hash = hashBytes(bytes, cursor.scopeStart, cursor.scopeEnd, hash);
      this.surroundings = hashBytes(bytes, cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd, hash);
    }
    return (hashBytes(bytes, cursor.spanStart, cursor.spanEnd, this.surroundings) & this.mask) >>> 0;
  }
}
