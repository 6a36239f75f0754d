import type { SpanCursor } from '@spoor/otlp';
import { corrupt } from './frame.ts';
import { lowerBound } from './sort.ts';

/** Room that a message's length takes: a varint of four bytes, whatever its value, so that it can be set afterwards. */
const LENGTH_BYTES = 4;
const RESOURCE_SPANS = 10;
const SCOPE_SPANS = 18;
const FIRST = 10;
const SPAN = 18;
const SCHEMA_URL = 26;
/** Needles whose places a view remembers. */
const MAX_NEEDLES = 8;

/**
 * Gathers spans in one OTLP `TracesData` message, byte for byte as they came, next to those of the same resource and scope
 * before them. `position` of a span is its number in the message.
 */
export class ChunkBuilder {
  spanCount = 0;
  length = 0;
  private bytes: Uint8Array;
  private resourceSpansAt = -1;
  private scopeSpansAt = -1;
  private readonly resource = { start: 0, end: 0, urlStart: 0, urlEnd: 0 };
  private readonly scope = { start: 0, end: 0, urlStart: 0, urlEnd: 0 };

  constructor(initialBytes = 192 * 1024) {
    this.bytes = new Uint8Array(initialBytes);
  }

  add(source: Uint8Array, span: SpanRanges): void {
    if (this.resourceSpansAt < 0 || !this.isSameResource(source, span)) this.beginResource(source, span);
    else if (this.scopeSpansAt < 0 || !this.isSameScope(source, span)) this.beginScope(source, span);
    this.field(SPAN, source, span.spanStart, span.spanEnd);
    this.spanCount += 1;
  }

  /** The message so far; shares the builder's bytes. */
  message(): Uint8Array {
    if (this.scopeSpansAt >= 0) this.setLength(this.scopeSpansAt);
    if (this.resourceSpansAt >= 0) this.setLength(this.resourceSpansAt);
    return this.bytes.subarray(0, this.length);
  }

  clear(): void {
    this.spanCount = this.length = 0;
    this.resourceSpansAt = this.scopeSpansAt = -1;
  }

  private beginResource(source: Uint8Array, span: SpanRanges): void {
    if (this.scopeSpansAt >= 0) this.setLength(this.scopeSpansAt);
    if (this.resourceSpansAt >= 0) this.setLength(this.resourceSpansAt);
    this.resourceSpansAt = this.begin(RESOURCE_SPANS);
    const { resource } = this;
    resource.start = this.field(FIRST, source, span.resourceStart, span.resourceEnd);
    resource.end = this.length;
    resource.urlStart = this.field(SCHEMA_URL, source, span.resourceSchemaUrlStart, span.resourceSchemaUrlEnd);
    resource.urlEnd = this.length;
    this.scopeSpansAt = -1;
    this.beginScope(source, span);
  }

  private beginScope(source: Uint8Array, span: SpanRanges): void {
    if (this.scopeSpansAt >= 0) this.setLength(this.scopeSpansAt);
    this.scopeSpansAt = this.begin(SCOPE_SPANS);
    const { scope } = this;
    scope.start = this.field(FIRST, source, span.scopeStart, span.scopeEnd);
    scope.end = this.length;
    scope.urlStart = this.field(SCHEMA_URL, source, span.scopeSchemaUrlStart, span.scopeSchemaUrlEnd);
    scope.urlEnd = this.length;
  }

  private isSameResource(source: Uint8Array, span: SpanRanges): boolean {
    const { resource, bytes } = this;
    return (
      isSame(bytes, resource.start, resource.end, source, span.resourceStart, span.resourceEnd) &&
      isSame(bytes, resource.urlStart, resource.urlEnd, source, span.resourceSchemaUrlStart, span.resourceSchemaUrlEnd)
    );
  }

  private isSameScope(source: Uint8Array, span: SpanRanges): boolean {
    const { scope, bytes } = this;
    return (
      isSame(bytes, scope.start, scope.end, source, span.scopeStart, span.scopeEnd) &&
      isSame(bytes, scope.urlStart, scope.urlEnd, source, span.scopeSchemaUrlStart, span.scopeSchemaUrlEnd)
    );
  }

  /** Begins a message whose length comes later; returns where its length stands. */
  private begin(tag: number): number {
    this.reserve(1 + LENGTH_BYTES);
    this.bytes[this.length] = tag;
    this.length += 1 + LENGTH_BYTES;
    return this.length - LENGTH_BYTES;
  }

  private setLength(at: number): void {
    let rest = this.length - at - LENGTH_BYTES;
    for (let i = 0; i < LENGTH_BYTES; i += 1) {
      this.bytes[at + i] = i < LENGTH_BYTES - 1 ? (rest & 0x7f) | 0x80 : rest & 0x7f;
      rest >>>= 7;
    }
  }

  /** Writes a length-delimited field, none when it is empty; returns where its content begins. */
  private field(tag: number, source: Uint8Array, start: number, end: number): number {
    const size = end - start;
    if (size === 0 && tag !== SPAN) return this.length;
    this.reserve(size + 6);
    const { bytes } = this;
    bytes[this.length++] = tag;
    let rest = size;
    while (rest > 0x7f) {
      bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[this.length++] = rest;
    const at = this.length;
    bytes.set(source.subarray(start, end), at);
    this.length += size;
    return at;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + count, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Where a span and what belongs to it stand in some bytes. */
export type SpanRanges = Pick<
  SpanCursor,
  | 'resourceStart'
  | 'resourceEnd'
  | 'resourceSchemaUrlStart'
  | 'resourceSchemaUrlEnd'
  | 'scopeStart'
  | 'scopeEnd'
  | 'scopeSchemaUrlStart'
  | 'scopeSchemaUrlEnd'
  | 'spanStart'
  | 'spanEnd'
>;

/** The spans of a chunk by position. */
export class ChunkView {
  readonly bytes: Uint8Array;
  readonly spanCount: number;
  /** Of the needles of the last search. */
  private mentioned = new Map<Uint8Array, Uint32Array>();
  /** Ten offsets a span, in the order of `ranges`. */
  private readonly offsets: Int32Array;

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    const offsets: number[] = [];
    const resource = new Fields(bytes, what);
    const scope = new Fields(bytes, what);
    const top = new Fields(bytes, what);
    for (top.enter(0, bytes.length); top.next(); ) {
      let resourceRange = [0, 0];
      let resourceUrl = [0, 0];
      for (resource.enter(top.start, top.end); resource.next(); ) {
        if (resource.tag === FIRST) resourceRange = [resource.start, resource.end];
        else if (resource.tag === SCHEMA_URL) resourceUrl = [resource.start, resource.end];
        else if (resource.tag === SCOPE_SPANS) {
          let scopeRange = [0, 0];
          let scopeUrl = [0, 0];
          for (scope.enter(resource.start, resource.end); scope.next(); ) {
            if (scope.tag === FIRST) scopeRange = [scope.start, scope.end];
            else if (scope.tag === SCHEMA_URL) scopeUrl = [scope.start, scope.end];
            else offsets.push(...resourceRange, ...resourceUrl, ...scopeRange, ...scopeUrl, scope.start, scope.end);
          }
        }
      }
    }
    this.offsets = Int32Array.from(offsets);
    this.spanCount = offsets.length / 10;
  }

  ranges(position: number): SpanRanges {
    const at = position * 10;
    const { offsets } = this;
    return {
      resourceStart: offsets[at]!,
      resourceEnd: offsets[at + 1]!,
      resourceSchemaUrlStart: offsets[at + 2]!,
      resourceSchemaUrlEnd: offsets[at + 3]!,
      scopeStart: offsets[at + 4]!,
      scopeEnd: offsets[at + 5]!,
      scopeSchemaUrlStart: offsets[at + 6]!,
      scopeSchemaUrlEnd: offsets[at + 7]!,
      spanStart: offsets[at + 8]!,
      spanEnd: offsets[at + 9]!,
    };
  }

  /** Whether the bytes occur in the span, its resource or its scope: false for sure when no key there is them. */
  mentions(span: SpanRanges, needle: Uint8Array): boolean {
    const offsets = this.mentionsOf(needle);
    if (offsets.length === 0) return false;
    const isWithin = (start: number, end: number) => {
      const at = lowerBound(offsets, start);
      return at < offsets.length && offsets[at]! + needle.length <= end;
    };
    return (
      isWithin(span.spanStart, span.spanEnd) ||
      isWithin(span.resourceStart, span.resourceEnd) ||
      isWithin(span.scopeStart, span.scopeEnd)
    );
  }

  /** Whether the bytes occur anywhere. */
  contains(needle: Uint8Array): boolean {
    return this.mentionsOf(needle).length > 0;
  }

  /** Where the bytes occur, ascending. Looked for once, since a search asks span after span. */
  private mentionsOf(needle: Uint8Array): Uint32Array {
    const known = this.mentioned.get(needle);
    if (known !== undefined) return known;
    const bytes = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    const found: number[] = [];
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) found.push(at);
    const offsets = Uint32Array.from(found);
    if (this.mentioned.size >= MAX_NEEDLES) this.mentioned.clear();
    this.mentioned.set(needle, offsets);
    return offsets;
  }

  /** Whether the span at `position` equals another in content: resource, scope and span, byte for byte. */
  holds(position: number, source: Uint8Array, span: SpanRanges): boolean {
    if (position >= this.spanCount) return false;
    const own = this.ranges(position);
    const { bytes } = this;
    return (
      isSame(bytes, own.spanStart, own.spanEnd, source, span.spanStart, span.spanEnd) &&
      isSame(bytes, own.resourceStart, own.resourceEnd, source, span.resourceStart, span.resourceEnd) &&
      isSame(bytes, own.scopeStart, own.scopeEnd, source, span.scopeStart, span.scopeEnd) &&
      isSame(
        bytes,
        own.resourceSchemaUrlStart,
        own.resourceSchemaUrlEnd,
        source,
        span.resourceSchemaUrlStart,
        span.resourceSchemaUrlEnd,
      ) &&
      isSame(
        bytes,
        own.scopeSchemaUrlStart,
        own.scopeSchemaUrlEnd,
        source,
        span.scopeSchemaUrlStart,
        span.scopeSchemaUrlEnd,
      )
    );
  }
}

/** Goes through the length-delimited fields of a message that `ChunkBuilder` wrote. */
class Fields {
  tag = 0;
  start = 0;
  end = 0;
  private pos = 0;
  private limit = 0;
  private readonly bytes: Uint8Array;
  private readonly what: string;

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.what = what;
  }

  enter(start: number, end: number): void {
    this.pos = start;
    this.limit = end;
  }

  next(): boolean {
    if (this.pos >= this.limit) return false;
    const { bytes, limit } = this;
    let pos = this.pos;
    this.tag = bytes[pos++]!;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = pos < limit && shift <= 28 ? bytes[pos++]! : -1;
      if (byte < 0) throw corrupt(this.what, `at byte ${pos} of its content, a length is cut off`);
      length += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    if ((this.tag & 7) !== 2 || length > limit - pos) {
      throw corrupt(this.what, `at byte ${pos} of its content, a field does not fit`);
    }
    this.start = pos;
    this.end = this.pos = pos + length;
    return true;
  }
}

function isSame(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): boolean {
  const length = aEnd - aStart;
  if (length !== bEnd - bStart) return false;
  for (let i = 0; i < length; i += 1) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}
