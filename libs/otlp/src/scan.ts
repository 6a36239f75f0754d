import type { DiscardReason, Rejection } from '@spoor/model';
import { MessageChecker } from './check.ts';
import { IntList } from './int-list.ts';
import { DEFAULT_MAX_ATTRIBUTE_DEPTH, DEFAULT_MAX_FUTURE_MS, DEFAULT_MAX_SPAN_BYTES } from './limits.ts';
import { malformedSpans } from './malformed.ts';
import type { PartitionBytes } from './split.ts';
import {
  RESOURCE_END,
  RESOURCE_START,
  SCOPE_END,
  SCOPE_RESOURCE,
  SCOPE_START,
  SPAN_END,
  SPAN_PARTITION,
  SPAN_SCOPE,
  SPAN_START,
  splitSpans,
} from './split.ts';
import { WireReader } from './wire.ts';

export interface ScanOptions {
  /** At least 1. */
  readonly partitionCount: number;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number;
  /** Spans that start or end later than this after `nowMs` are rejected. Default `DEFAULT_MAX_FUTURE_MS`. */
  readonly maxFutureMs?: number;
  /** Of a span, a resource, a scope. Default `DEFAULT_MAX_SPAN_BYTES`. */
  readonly maxSpanBytes?: number;
  /** Default `DEFAULT_MAX_ATTRIBUTE_DEPTH`. */
  readonly maxAttributeDepth?: number;
  /** What is known to be wrong with spans already, by their position among all spans of the message, from 0. */
  readonly faults?: SpanFaults;
}

export interface SpanFault {
  readonly reason: DiscardReason;
  readonly message: string;
}
export type SpanFaults = ReadonlyMap<number, SpanFault>;

export interface ScanResult {
  /** `acceptedCount` + the sum of `rejected[].spanCount`. */
  readonly spanCount: number;
  readonly acceptedCount: number;
  /** One a reason, in the order they were met; each tells the place of its first span. */
  readonly rejected: readonly Rejection[];
  /** The accepted spans, by partition; at most one batch a partition, none empty. */
  readonly batches: readonly PartitionBytes[];
}

/**
 * Validates an OTLP `TracesData` message (CONTRACT §2.1) and splits it by partition, in one walk over the bytes and without
 * building spans. A span that is wrong is rejected alone, a wrong resource or scope rejects the spans under it. When nothing
 * was rejected and one partition takes all, the batch's bytes are the input itself, not a copy. Throws
 * `SPOOR_MALFORMED_SPANS` with the byte offset when the message cannot be taken apart into spans.
 */
export function scanTraces(bytes: Uint8Array, options: ScanOptions): ScanResult {
  return new TraceScan(bytes, options).run();
}

/** Starting capacity of the list of spans; it grows. */
const BYTES_PER_SPAN_GUESS = 400;
const MAX_STARTING_SPANS = 4096;

class TraceScan {
  private readonly input: Uint8Array;
  private readonly reader: WireReader;
  private readonly checker: MessageChecker;
  private readonly partitionCount: number;
  private readonly faults: SpanFaults | undefined;
  private readonly resources = new IntList(2, 4);
  private readonly scopes = new IntList(3, 8);
  private readonly spans: IntList;
  private readonly rejected = new Map<DiscardReason, { reason: DiscardReason; message: string; spanCount: number }>();
  private spanCount = 0;
  /** A resource or scope came in parts: readers downstream rely on one. */
  private needsRewriting = false;
  private resourceIndex = -1;
  private scopeIndex = -1;
  private spanIndex = -1;

  constructor(bytes: Uint8Array, options: ScanOptions) {
    this.input = bytes;
    this.reader = new WireReader(bytes);
    this.partitionCount = options.partitionCount;
    this.faults = options.faults !== undefined && options.faults.size > 0 ? options.faults : undefined;
    this.spans = new IntList(4, Math.min(MAX_STARTING_SPANS, Math.ceil(bytes.length / BYTES_PER_SPAN_GUESS)));
    this.checker = new MessageChecker(this.reader, {
      latestMs: options.nowMs + (options.maxFutureMs ?? DEFAULT_MAX_FUTURE_MS),
      maxSpanBytes: options.maxSpanBytes ?? DEFAULT_MAX_SPAN_BYTES,
      maxAttributeDepth: options.maxAttributeDepth ?? DEFAULT_MAX_ATTRIBUTE_DEPTH,
    });
  }

  run(): ScanResult {
    const { reader, spans } = this;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) this.resourceSpans();
      else reader.skip(tag);
    }
    if (reader.faultAt >= 0) throw malformedSpans(reader);
    return {
      spanCount: this.spanCount,
      acceptedCount: spans.count,
      rejected: [...this.rejected.values()],
      batches: this.batches(),
    };
  }

  private batches(): PartitionBytes[] {
    const { cells, count, stride } = this.spans;
    if (count === 0) return [];
    if (this.rejected.size === 0 && !this.needsRewriting) {
      const partition = cells[SPAN_PARTITION]!;
      let row = 1;
      while (row < count && cells[row * stride + SPAN_PARTITION] === partition) row += 1;
      if (row === count) return [{ partition, spanCount: count, bytes: this.input }];
    }
    const { resources, scopes, spans } = this;
    return splitSpans({ bytes: this.reader.bytes, resources, scopes, spans }, this.partitionCount);
  }

  private resourceSpans(): void {
    const { reader, resources } = this;
    const outerEnd = reader.enter();
    const at = resources.add();
    resources.cells[at + RESOURCE_START] = reader.pos;
    resources.cells[at + RESOURCE_END] = reader.end;
    this.resourceIndex += 1;
    this.scopeIndex = -1;
    const fault = this.headFault(true);
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 18) this.scopeSpans(fault);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  private scopeSpans(resourceFault: SpanFault | undefined): void {
    const { reader, scopes } = this;
    const outerEnd = reader.enter();
    const at = scopes.add();
    scopes.cells[at + SCOPE_RESOURCE] = this.resources.count - 1;
    scopes.cells[at + SCOPE_START] = reader.pos;
    scopes.cells[at + SCOPE_END] = reader.end;
    this.scopeIndex += 1;
    this.spanIndex = -1;
    const scopeFault = this.headFault(false);
    const fault = resourceFault ?? scopeFault;
    while (reader.pos < reader.end) {
      const start = reader.pos;
      const tag = reader.tag();
      if (tag === 18) this.span(start, fault);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  /** Looks at everything but the spans of the `ResourceSpans` or `ScopeSpans` that the reader stands in, and comes back. */
  private headFault(isResource: boolean): SpanFault | undefined {
    const { reader, checker } = this;
    const start = reader.pos;
    let fault: SpanFault | undefined;
    let messages = 0;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) {
        messages += 1;
        if (isResource) checker.resource();
        else checker.scope();
      } else if (tag === 26) checker.schemaUrl();
      else {
        reader.skip(tag);
        continue;
      }
      if (checker.reason !== undefined && fault === undefined) {
        const what = isResource ? 'in its resource' : 'in its scope';
        fault = { reason: checker.reason, message: `${what}, ${checker.message}` };
      }
    }
    if (messages > 1) this.needsRewriting = true;
    if (reader.faultAt < 0) reader.pos = start;
    return fault;
  }

  private span(start: number, fault: SpanFault | undefined): void {
    const { reader, checker, spans } = this;
    this.spanIndex += 1;
    this.spanCount += 1;
    if (fault !== undefined) {
      reader.skip(18);
      this.reject(fault.reason, fault.message);
      return;
    }
    const known = this.faults?.get(this.spanCount - 1);
    if (known !== undefined) {
      reader.skip(18);
      this.reject(known.reason, known.message);
      return;
    }
    checker.span();
    if (checker.reason !== undefined) {
      this.reject(checker.reason, checker.message);
      return;
    }
    const at = spans.add();
    const { cells } = spans;
    cells[at + SPAN_PARTITION] =
      this.partitionCount === 1 ? 0 : partitionOfTraceIdAt(reader.bytes, checker.traceIdAt, this.partitionCount);
    cells[at + SPAN_SCOPE] = this.scopes.count - 1;
    cells[at + SPAN_START] = start;
    cells[at + SPAN_END] = reader.pos;
  }

  private reject(reason: DiscardReason, message: string): void {
    const known = this.rejected.get(reason);
    if (known !== undefined) {
      known.spanCount += 1;
      return;
    }
    const place = `resourceSpans[${this.resourceIndex}].scopeSpans[${this.scopeIndex}].spans[${this.spanIndex}]`;
    this.rejected.set(reason, { reason, message: `${place}: ${message}`, spanCount: 1 });
  }
}

const HEX_DIGIT_CODES = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** `partitionOfTraceId` of the id's hex, straight from its 16 bytes. */
export function partitionOfTraceIdAt(bytes: Uint8Array, at: number, partitionCount: number): number {
  let hash = 0x811c9dc5;
  for (let i = at; i < at + 16; i += 1) {
    const byte = bytes[i]!;
    hash = Math.imul(hash ^ HEX_DIGIT_CODES[byte >>> 4]!, 0x01000193);
    hash = Math.imul(hash ^ HEX_DIGIT_CODES[byte & 15]!, 0x01000193);
  }
  return Math.abs(hash | 0) % partitionCount;
}
