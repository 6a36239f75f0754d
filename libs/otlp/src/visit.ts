import type { SpanKind } from '@spoor/model';
import {
  EMPTY_SERVICE_NAME,
  EMPTY_SPAN_NAME,
  MISSING_SERVICE_NAME,
  SERVICE_NAME_KEY,
  SPAN_KINDS,
  SpoorError,
  WRONG_TYPE_SERVICE_NAME,
} from '@spoor/model';
import {
  ATTRIBUTE_STRIDE,
  AttributeTable,
  STRING_VALUE,
  VALUE_END,
  VALUE_KIND,
  VALUE_START,
} from './attribute-table.ts';
import { malformedSpans } from './malformed.ts';
import { hex8, texts } from './text.ts';
import { WireReader } from './wire.ts';

export interface SpanCursorOptions {
  /** `fields` passes over attributes and events of spans, and tells of none. Default `all`. */
  readonly reads?: 'all' | 'fields';
}

/**
 * Walks the spans of an OTLP `TracesData` message in its order without building objects, for indexers:
 * ```ts
 * const cursor = new SpanCursor(bytes);
 * while (cursor.next()) index(cursor.spanStart, cursor.spanEnd, cursor.spanAttributes, …);
 * ```
 * All offsets are into `bytes`, ends are exclusive. Everything the cursor tells is overwritten by `next()`, except that the
 * resource's and the scope's facts stay while `resourceNumber` and `scopeNumber` do. `next` throws `SPOOR_MALFORMED_SPANS`
 * for what `decodeTraces` refuses, and for a resource or scope that occurs twice: `scanTraces` lets neither pass.
 */
export class SpanCursor {
  readonly bytes: Uint8Array;

  /** Grows by one a `ResourceSpans`; 0 before the first. */
  resourceNumber = 0;
  /** The `Resource` message; empty range when there is none. */
  resourceStart = 0;
  resourceEnd = 0;
  resourceSchemaUrlStart = 0;
  resourceSchemaUrlEnd = 0;
  readonly resourceAttributes: AttributeTable = new AttributeTable();

  /** Grows by one a `ScopeSpans`, over all resources. */
  scopeNumber = 0;
  /** The `InstrumentationScope` message; empty range when there is none. */
  scopeStart = 0;
  scopeEnd = 0;
  scopeSchemaUrlStart = 0;
  scopeSchemaUrlEnd = 0;
  readonly scopeAttributes: AttributeTable = new AttributeTable();

  /** The `Span` message, without its tag and length. */
  spanStart = 0;
  spanEnd = 0;
  /** 16 bytes. */
  traceIdAt = 0;
  /** 8 bytes. */
  spanIdAt = 0;
  /** 8 bytes; −1 for a root. */
  parentSpanIdAt = -1;
  /** As on the wire, 0 when it is not a known one: an index into `SPAN_KINDS`. */
  kindNumber = 0;
  nameStart = 0;
  nameEnd = 0;
  /** Halves of the nanoseconds since the Unix epoch, unsigned. */
  startTimeHigh = 0;
  startTimeLow = 0;
  endTimeHigh = 0;
  endTimeLow = 0;
  /** As on the wire, 0 when it is not a known one: an index into `STATUS_CODES`. */
  statusNumber = 0;
  readonly spanAttributes: AttributeTable = new AttributeTable();
  /** Of all events of the span. */
  readonly eventAttributes: AttributeTable = new AttributeTable();
  eventCount = 0;
  /** Low and high half of each event's nanoseconds since the Unix epoch, `eventCount` pairs. Reused, never shrunk. */
  eventTimes: Uint32Array = new Uint32Array(32);
  linkCount = 0;

  private readonly reader: WireReader;
  private readonly messageEnd: number;
  private readonly readsAll: boolean;
  /** Ends of the `ResourceSpans` and the `ScopeSpans` that the reader is in; −1 when it is in none. */
  private resourceSpansEnd = -1;
  private scopeSpansEnd = -1;
  private knownServiceName = '';
  private knownServiceNumber = -1;

  constructor(bytes: Uint8Array, { reads = 'all' }: SpanCursorOptions = {}) {
    this.bytes = bytes;
    this.reader = new WireReader(bytes);
    this.messageEnd = bytes.length;
    this.readsAll = reads === 'all';
  }

  /** Moves to the next span; false behind the last. */
  next(): boolean {
    const reader = this.reader;
    for (;;) {
      if (reader.faultAt >= 0) throw malformedSpans(reader);
      if (reader.pos >= reader.end) {
        if (this.scopeSpansEnd >= 0) {
          this.scopeSpansEnd = -1;
          reader.end = this.resourceSpansEnd;
        } else if (this.resourceSpansEnd >= 0) {
          this.resourceSpansEnd = -1;
          reader.end = this.messageEnd;
        } else return false;
        continue;
      }
      const tag = reader.tag();
      if (this.scopeSpansEnd >= 0 && tag === 18) {
        this.readSpan();
        if (reader.faultAt < 0) return true;
      } else if (this.scopeSpansEnd < 0 && this.resourceSpansEnd >= 0 && tag === 18) this.enterScopeSpans();
      else if (this.resourceSpansEnd < 0 && tag === 10) this.enterResourceSpans();
      else reader.skip(tag);
    }
  }

  /** 32 lower-case hex digits. */
  traceId(): string {
    return hex8(this.bytes, this.traceIdAt) + hex8(this.bytes, this.traceIdAt + 8);
  }

  spanId(): string {
    return hex8(this.bytes, this.spanIdAt);
  }

  /** `''` for a root. */
  parentSpanId(): string {
    return this.parentSpanIdAt < 0 ? '' : hex8(this.bytes, this.parentSpanIdAt);
  }

  startTimeUnixNano(): bigint {
    return (BigInt(this.startTimeHigh) << 32n) | BigInt(this.startTimeLow);
  }

  endTimeUnixNano(): bigint {
    return (BigInt(this.endTimeHigh) << 32n) | BigInt(this.endTimeLow);
  }

  kind(): SpanKind {
    return SPAN_KINDS[this.kindNumber]!;
  }

  /** By the rule of `serviceNameOf`. */
  serviceName(): string {
    if (this.knownServiceNumber !== this.resourceNumber) {
      this.knownServiceName = this.findServiceName();
      this.knownServiceNumber = this.resourceNumber;
    }
    return this.knownServiceName;
  }

  /** By the rule of `operationNameOf`. */
  operationName(): string {
    return this.nameStart === this.nameEnd ? EMPTY_SPAN_NAME : this.text(this.nameStart, this.nameEnd);
  }

  /** The UTF-8 between two offsets as a string. */
  text(start: number, end: number): string {
    return texts.read(this.bytes, start, end);
  }

  private findServiceName(): string {
    const { cells } = this.resourceAttributes;
    const row = this.resourceAttributes.find(this.bytes, SERVICE_NAME_KEY);
    if (row < 0) return MISSING_SERVICE_NAME;
    const at = row * ATTRIBUTE_STRIDE;
    if (cells[at + VALUE_KIND] !== STRING_VALUE) return WRONG_TYPE_SERVICE_NAME;
    return this.text(cells[at + VALUE_START]!, cells[at + VALUE_END]!) || EMPTY_SERVICE_NAME;
  }

  /** Reads the resource first, wherever it stands, and comes back to the first field. */
  private enterResourceSpans(): void {
    const reader = this.reader;
    reader.enter();
    this.resourceSpansEnd = reader.end;
    this.resourceNumber += 1;
    this.resourceStart = this.resourceEnd = this.resourceSchemaUrlStart = this.resourceSchemaUrlEnd = 0;
    this.resourceAttributes.count = 0;
    const start = reader.pos;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) {
        if (this.resourceEnd > 0) throw occursTwice('Resource', 'ResourceSpans', reader.pos);
        const outerEnd = reader.enter();
        this.resourceStart = reader.pos;
        this.resourceEnd = reader.end;
        this.readAttributes(this.resourceAttributes, 10);
        reader.leave(outerEnd);
      } else if (tag === 26) {
        const length = reader.length();
        this.resourceSchemaUrlStart = reader.pos;
        this.resourceSchemaUrlEnd = reader.pos += length;
      } else reader.skip(tag);
    }
    if (reader.faultAt < 0) reader.pos = start;
  }

  private enterScopeSpans(): void {
    const reader = this.reader;
    reader.enter();
    this.scopeSpansEnd = reader.end;
    this.scopeNumber += 1;
    this.scopeStart = this.scopeEnd = this.scopeSchemaUrlStart = this.scopeSchemaUrlEnd = 0;
    this.scopeAttributes.count = 0;
    const start = reader.pos;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) {
        if (this.scopeEnd > 0) throw occursTwice('InstrumentationScope', 'ScopeSpans', reader.pos);
        const outerEnd = reader.enter();
        this.scopeStart = reader.pos;
        this.scopeEnd = reader.end;
        this.readAttributes(this.scopeAttributes, 26);
        reader.leave(outerEnd);
      } else if (tag === 26) {
        const length = reader.length();
        this.scopeSchemaUrlStart = reader.pos;
        this.scopeSchemaUrlEnd = reader.pos += length;
      } else reader.skip(tag);
    }
    if (reader.faultAt < 0) reader.pos = start;
  }

  private readAttributes(table: AttributeTable, attributeTag: number): void {
    const reader = this.reader;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === attributeTag) table.add(reader);
      else reader.skip(tag);
    }
  }

  private readSpan(): void {
    const reader = this.reader;
    const outerEnd = reader.enter();
    this.spanStart = reader.pos;
    this.spanEnd = reader.end;
    this.traceIdAt = this.spanIdAt = this.parentSpanIdAt = -1;
    this.kindNumber = this.statusNumber = 0;
    this.nameStart = this.nameEnd = this.spanStart;
    this.startTimeHigh = this.startTimeLow = this.endTimeHigh = this.endTimeLow = 0;
    this.spanAttributes.count = this.eventAttributes.count = this.eventCount = this.linkCount = 0;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10:
          this.traceIdAt = this.id(16);
          break;
        case 18:
          this.spanIdAt = this.id(8);
          break;
        case 34:
          this.parentSpanIdAt = this.id(8);
          break;
        case 42: {
          const length = reader.length();
          this.nameStart = reader.pos;
          this.nameEnd = reader.pos += length;
          break;
        }
        case 48:
          this.kindNumber = this.enumeration(SPAN_KINDS.length);
          break;
        case 57:
          this.startTimeLow = reader.fixed64();
          this.startTimeHigh = reader.high;
          break;
        case 65:
          this.endTimeLow = reader.fixed64();
          this.endTimeHigh = reader.high;
          break;
        case 74:
          if (this.readsAll) this.spanAttributes.add(reader);
          else reader.skip(tag);
          break;
        case 90:
          if (this.readsAll) this.readEvent();
          else reader.skip(tag);
          break;
        case 106:
          this.linkCount += 1;
          reader.skip(tag);
          break;
        case 122:
          this.readStatus();
          break;
        default:
          reader.skip(tag);
      }
    }
    reader.leave(outerEnd);
    if (reader.faultAt < 0 && (this.traceIdAt < 0 || this.spanIdAt < 0)) {
      reader.pos = this.spanStart;
      reader.fail('a span has no trace id of 16 bytes or no span id of 8 bytes, or they are all zero');
    }
  }

  private readEvent(): void {
    const reader = this.reader;
    const outerEnd = reader.enter();
    const at = this.eventCount * 2;
    if (at === this.eventTimes.length) {
      const grown = new Uint32Array(at * 2);
      grown.set(this.eventTimes);
      this.eventTimes = grown;
    }
    this.eventTimes[at] = this.eventTimes[at + 1] = 0;
    this.eventCount += 1;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 26) this.eventAttributes.add(reader);
      else if (tag === 9) {
        this.eventTimes[at] = reader.fixed64();
        this.eventTimes[at + 1] = reader.high;
      } else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  /** Where an id of `size` bytes stands; −1 when it is empty or all zero. */
  private id(size: number): number {
    const reader = this.reader;
    const length = reader.length();
    const at = reader.pos;
    if (reader.faultAt >= 0 || length === 0) return -1;
    if (length !== size) {
      reader.fail(`an id has ${length} bytes, must be ${size}`);
      return -1;
    }
    reader.pos = at + size;
    for (let i = at; i < at + size; i += 1) if (this.bytes[i] !== 0) return at;
    return -1;
  }

  private enumeration(count: number): number {
    const low = this.reader.varint();
    return this.reader.high === 0 && low < count ? low : 0;
  }

  private readStatus(): void {
    const reader = this.reader;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 24) this.statusNumber = this.enumeration(3);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }
}

function occursTwice(message: string, container: string, at: number): SpoorError {
  return new SpoorError('SPOOR_MALFORMED_SPANS', `at byte ${at}, a second ${message} in one ${container}`);
}
