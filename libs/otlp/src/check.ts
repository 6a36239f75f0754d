import type { DiscardReason } from '@spoor/model';
import { DEEPEST_ATTRIBUTE } from './limits.ts';
import { isUtf8 } from './utf8.ts';
import type { WireReader } from './wire.ts';

export interface CheckLimits {
  /** Milliseconds since the Unix epoch, after which no span may start or end. */
  readonly latestMs: number;
  readonly maxSpanBytes: number;
  readonly maxAttributeDepth: number;
}

/** Checks `Span`, `Resource` and `InstrumentationScope` messages in place. After a check, `reason` tells what is wrong. */
export class MessageChecker {
  /** Why the message last checked cannot be taken; `undefined` when it can. */
  reason: DiscardReason | undefined;
  /** The same in words, without its place. */
  message = '';
  /** Where the trace id of the span last checked stands, when `reason` is `undefined`. */
  traceIdAt = -1;

  private readonly reader: WireReader;
  private readonly maxBytes: number;
  private readonly maxDepth: number;
  private readonly latestMs: number;
  private readonly latestHigh: number;
  private readonly latestLow: number;

  constructor(reader: WireReader, limits: CheckLimits) {
    this.reader = reader;
    this.maxBytes = limits.maxSpanBytes;
    this.maxDepth = Math.min(limits.maxAttributeDepth, DEEPEST_ATTRIBUTE);
    this.latestMs = limits.latestMs;
    const latestNanos = BigInt(Math.max(0, Math.trunc(limits.latestMs))) * 1_000_000n;
    const isEndless = latestNanos > 0xffffffffffffffffn;
    this.latestHigh = isEndless ? 0xffffffff : Number(latestNanos >> 32n);
    this.latestLow = isEndless ? 0xffffffff : Number(latestNanos & 0xffffffffn);
  }

  /**
   * Checks the span that the reader stands before. What is wrong inside it leaves the reader sound, behind the span;
   * a length that runs out of the enclosing message does not.
   */
  span(): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    if (reader.faultAt >= 0) return;
    const end = reader.end;
    this.traceIdAt = -1;
    if (this.begin('span', end - reader.pos)) this.spanFields();
    this.finish(end, outerEnd);
  }

  /** Checks the resource that the reader stands before, like `span`. */
  resource(): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    if (reader.faultAt >= 0) return;
    const end = reader.end;
    if (this.begin('resource', end - reader.pos)) {
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        if (tag === 10) this.attribute(0);
        else reader.skip(tag);
      }
    }
    this.finish(end, outerEnd);
  }

  /** Checks the instrumentation scope that the reader stands before, like `span`. */
  scope(): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    if (reader.faultAt >= 0) return;
    const end = reader.end;
    if (this.begin('scope', end - reader.pos)) {
      while (reader.pos < reader.end) {
        const tag = reader.tag();
        if (tag === 10) this.string('scope name');
        else if (tag === 18) this.string('scope version');
        else if (tag === 26) this.attribute(0);
        else reader.skip(tag);
      }
    }
    this.finish(end, outerEnd);
  }

  /** Checks the schema url that the reader stands before. */
  schemaUrl(): void {
    this.reason = undefined;
    this.string('schema url');
  }

  private begin(what: string, size: number): boolean {
    this.reason = undefined;
    if (size <= this.maxBytes) return true;
    this.reject('too_large', `the ${what} has ${size} bytes, at most ${this.maxBytes} are taken`);
    return false;
  }

  private finish(end: number, outerEnd: number): void {
    const { reader } = this;
    if (reader.faultAt >= 0) {
      this.reason = 'malformed';
      this.message = `at byte ${reader.faultAt}, ${reader.fault}`;
    }
    reader.recover(end, outerEnd);
  }

  /** The first thing that is wrong is the one that is told. */
  private reject(reason: DiscardReason, message: string): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.message = message;
  }

  private spanFields(): void {
    const { reader } = this;
    let hasTraceId = false;
    let hasSpanId = false;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case 10:
          hasTraceId = true;
          this.traceIdAt = this.id(16, false, 'invalid_trace_id', 'trace id');
          break;
        case 18:
          hasSpanId = true;
          this.id(8, false, 'invalid_span_id', 'span id');
          break;
        case 26:
          this.string('trace state');
          break;
        case 34:
          this.id(8, true, 'invalid_parent_span_id', 'parent span id');
          break;
        case 42:
          this.string('span name');
          break;
        case 57:
          this.time('start time');
          break;
        case 65:
          this.time('end time');
          break;
        case 74:
          this.attribute(0);
          break;
        case 90:
          this.namedAttributes('event name', 18, 26);
          break;
        case 106:
          this.namedAttributes('trace state of a link', 26, 34);
          break;
        case 122:
          this.namedAttributes('status message', 18, 0);
          break;
        default:
          reader.skip(tag);
      }
    }
    if (!hasTraceId) this.reject('invalid_trace_id', 'the trace id is missing, must be 16 bytes');
    if (!hasSpanId) this.reject('invalid_span_id', 'the span id is missing, must be 8 bytes');
  }

  /** Returns where the id stands. */
  private id(size: number, isOptional: boolean, reason: DiscardReason, name: string): number {
    const { reader } = this;
    const length = reader.length();
    const at = reader.pos;
    if (reader.faultAt >= 0) return -1;
    reader.pos = at + length;
    if (length !== size) {
      if (length > 0 || !isOptional) {
        const expected = isOptional ? `${size} or absent` : `${size}`;
        this.reject(reason, `the ${name} has ${length} bytes, must be ${expected}`);
      }
      return -1;
    }
    if (!isOptional) {
      const { view } = reader;
      let bits = view.getInt32(at) | view.getInt32(at + 4);
      if (size === 16) bits |= view.getInt32(at + 8) | view.getInt32(at + 12);
      if (bits === 0) this.reject(reason, `the ${name} is all zero`);
    }
    return at;
  }

  private time(name: string): void {
    const low = this.reader.fixed64();
    const high = this.reader.high;
    if (high < this.latestHigh || (high === this.latestHigh && low <= this.latestLow)) return;
    const latest = new Date(Math.min(this.latestMs, 8.64e15)).toISOString();
    this.reject('invalid_time', `the ${name} lies after ${latest}; check the sender's clock and its unit, nanoseconds`);
  }

  private string(name: string): void {
    const { reader } = this;
    const length = reader.length();
    const start = reader.pos;
    if (reader.faultAt >= 0) return;
    reader.pos = start + length;
    if (!isUtf8(reader.bytes, start, start + length)) this.reject('invalid_utf8', `the ${name} is not UTF-8`);
  }

  /** Checks an event, a link or a status: a message with one string field and attributes. */
  private namedAttributes(name: string, stringTag: number, attributeTag: number): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === attributeTag) this.attribute(0);
      else if (tag === stringTag) this.string(name);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  private attribute(depth: number): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) this.string('key of an attribute');
      else if (tag === 18) this.anyValue(depth);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  private anyValue(depth: number): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) this.string('value of an attribute');
      else if (tag !== 42 && tag !== 50) reader.skip(tag);
      else if (depth < this.maxDepth) this.elements(tag === 50, depth + 1);
      else {
        this.reject('too_deep', `an attribute value is nested more than ${this.maxDepth} deep`);
        reader.skip(tag);
      }
    }
    reader.leave(outerEnd);
  }

  /** Checks an `ArrayValue` or a `KeyValueList`. */
  private elements(areEntries: boolean, depth: number): void {
    const { reader } = this;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag !== 10) reader.skip(tag);
      else if (areEntries) this.attribute(depth);
      else this.anyValue(depth);
    }
    reader.leave(outerEnd);
  }
}
