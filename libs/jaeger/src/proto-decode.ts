import { checkSpanCount, type Resource, type Span, SpoorError } from '@spoor/model';
import { hexOf, readInt64, readText, readTextOrBytes, TextReader, WireReader } from '@spoor/otlp';
import { soundSpanName, TagList } from './invalid-text.ts';
import { checkSize, type SpanLimits } from './malformed.ts';
import type { Log, Process, Reference, SpanMessage, TagValue } from './message.ts';
import { REFERENCE_TYPES, VALUE_TYPES } from './message.ts';
import { isTime, LATEST_TIME, SECOND } from './time.ts';
import { resourceOf, spanOfMessage } from './to-span.ts';

/** Keys and short values that come again and again share one string. It remembers a bounded number of short ones. */
const texts = new TextReader();

const NANOS_PER_SECOND = 1_000_000_000;

/**
 * Decodes a `jaeger.api_v2.Span` with its process inside: a record of the encoding `jaeger_proto` (CONTRACT §4).
 * Trace ids of 8 bytes are the lower half of a longer one; names, keys and values that are not UTF-8 stay bytes
 * (CONTRACT §9.2, sanitiser 3), other texts get U+FFFD for it; unknown fields are skipped.
 * Throws `SPOOR_MALFORMED_SPANS`, or `SPOOR_REQUEST_TOO_LARGE`.
 */
export function decodeJaegerSpan(bytes: Uint8Array, limits: SpanLimits = {}): Span {
  checkSize(bytes.length, 'the Jaeger span', limits);
  const reader = new WireReader(bytes);
  const message = spanFields(reader);
  if (reader.faultAt < 0) {
    const fault = faultOf(message);
    if (fault !== undefined) {
      reader.pos = 0;
      reader.fail(fault);
    }
  }
  check(reader, 'Span');
  return spanOfMessage(message, resourceOf(message.process));
}

/**
 * Decodes a `jaeger.api_v2.Batch` (CONTRACT §2.2). A span's own process wins over that of the batch, which all others share.
 * The caller bounds the size of the batch, `limits` that of each span. Ids that are missing or zero and times outside of what
 * OTLP can say are handed on: whoever scans the spans gives them their names, and the others are taken. What cannot be read
 * throws as `decodeJaegerSpan` does, for the whole batch.
 */
export function decodeJaegerBatch(bytes: Uint8Array, limits: SpanLimits = {}): Span[] {
  const reader = new WireReader(bytes);
  const messages: SpanMessage[] = [];
  const processes = new RepeatedProcess(bytes);
  let process: Process | undefined;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) {
      const outerEnd = reader.enter();
      if (reader.faultAt < 0) checkSize(reader.end - reader.pos, `span ${messages.length} of the Jaeger batch`, limits);
      checkSpanCount(messages.length + 1);
      messages.push(sayable(spanFields(reader, processes)));
      reader.leave(outerEnd);
    } else if (tag === 18) process = readProcess(reader);
    else reader.skip(tag);
  }
  check(reader, 'Batch');
  const shared = resourceOf(process);
  const resources = new Map<Process, Resource>();
  return messages.map((message) => {
    if (message.process === undefined) return spanOfMessage(message, shared);
    const resource = resources.get(message.process) ?? resourceOf(message.process);
    resources.set(message.process, resource);
    return spanOfMessage(message, resource);
  });
}

function check(reader: WireReader, name: string): void {
  if (reader.faultAt < 0) return;
  throw new SpoorError('SPOOR_MALFORMED_SPANS', `not a Jaeger ${name}: at byte ${reader.faultAt}, ${reader.fault}`);
}

/** Reads the span that the reader stands in. */
function spanFields(reader: WireReader, processes?: RepeatedProcess): SpanMessage {
  let traceId = '';
  let spanId = '';
  let operationName: string | Uint8Array = '';
  let flags = 0;
  let startTimeUnixNano = 0n;
  let durationNanos = 0n;
  let process: Process | undefined;
  const references: Reference[] = [];
  const list = new TagList();
  const logs: Log[] = [];
  const warnings: string[] = [];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    switch (tag) {
      case 10:
        traceId = readTraceId(reader);
        break;
      case 18:
        spanId = readSpanId(reader);
        break;
      case 26:
        operationName = readTextOrBytes(reader, texts);
        break;
      case 34:
        readReference(reader, references);
        break;
      case 40:
        flags = reader.varint();
        break;
      case 50:
        startTimeUnixNano = readTime(reader, 'start_time');
        break;
      case 58:
        durationNanos = readDuration(reader);
        break;
      case 66:
        readTag(reader, list);
        break;
      case 74:
        logs.push(readLog(reader));
        break;
      case 82:
        process = processes === undefined ? readProcess(reader) : processes.read(reader);
        break;
      case 98:
        warnings.push(readText(reader, texts));
        break;
      default:
        reader.skip(tag);
    }
  }
  return {
    traceId,
    spanId,
    operationName: soundSpanName(operationName, list.tags),
    references,
    flags,
    startTimeUnixNano,
    durationNanos,
    tags: list.tags,
    logs,
    process,
    warnings,
  };
}

function faultOf(message: SpanMessage): string | undefined {
  if (/^0*$/.test(message.traceId)) return 'trace_id is missing or all zero';
  if (/^0*$/.test(message.spanId)) return 'span_id is missing or all zero';
  return endsInTime(message) ? undefined : 'start_time and duration end before 1970 or after 2554';
}

function endsInTime({ startTimeUnixNano, durationNanos }: SpanMessage): boolean {
  return isTime(startTimeUnixNano + durationNanos);
}

/** A time that OTLP cannot say becomes one that no span may have. */
function sayable(message: SpanMessage): SpanMessage {
  return endsInTime(message) ? message : { ...message, startTimeUnixNano: LATEST_TIME, durationNanos: 0n };
}

function readTraceId(reader: WireReader): string {
  const at = reader.pos;
  const length = reader.length();
  if (reader.faultAt >= 0) return '';
  if (length !== 16 && length !== 8) {
    reader.pos = at;
    reader.fail(`a trace id has ${length} bytes, must have 16 or 8`);
    return '';
  }
  reader.pos += length;
  return hexOf(reader.bytes, reader.pos - length, reader.pos).padStart(32, '0');
}

function readSpanId(reader: WireReader): string {
  const at = reader.pos;
  const length = reader.length();
  if (reader.faultAt >= 0) return '';
  if (length !== 8) {
    reader.pos = at;
    reader.fail(`a span id has ${length} bytes, must have 8`);
    return '';
  }
  reader.pos += 8;
  return hexOf(reader.bytes, reader.pos - 8, reader.pos);
}

/** One that names no span says nothing. */
function readReference(reader: WireReader, references: Reference[]): void {
  let traceId = '0'.repeat(32);
  let spanId = '0'.repeat(16);
  let type = 0;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) traceId = readTraceId(reader);
    else if (tag === 18) spanId = readSpanId(reader);
    else if (tag === 24) type = readEnum(reader, REFERENCE_TYPES.length, 'ref_type');
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  if (!/^0*$/.test(spanId)) references.push({ traceId, spanId, type: REFERENCE_TYPES[type]! });
}

function readEnum(reader: WireReader, count: number, name: string): number {
  const at = reader.pos;
  const value = reader.varint();
  if (reader.faultAt >= 0) return 0;
  if (reader.high === 0 && value < count) return value;
  reader.pos = at;
  reader.fail(`${name} is not a number from 0 to ${count - 1}`);
  return 0;
}

function readLog(reader: WireReader): Log {
  let timeUnixNano = 0n;
  const list = new TagList();
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) timeUnixNano = readTime(reader, 'the timestamp of a log');
    else if (tag === 18) readTag(reader, list);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { timeUnixNano, fields: list.tags };
}

/** Spans of a batch that have a process each mostly have the same one: equal bytes are read once, and are then one object. */
class RepeatedProcess {
  private readonly bytes: Buffer;
  private last: Process | undefined;
  private start = 0;
  private size = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Length included. */
  read(reader: WireReader): Process {
    const { pos } = reader;
    const end = pos + this.size;
    if (this.last !== undefined && end <= reader.end && this.isRepeated(pos, end)) {
      reader.pos = end;
      return this.last;
    }
    const process = readProcess(reader);
    this.last = process;
    this.start = pos;
    this.size = reader.pos - pos;
    return process;
  }

  private isRepeated(from: number, to: number): boolean {
    return this.bytes.compare(this.bytes, from, to, this.start, this.start + this.size) === 0;
  }
}

function readProcess(reader: WireReader): Process {
  let serviceName = '';
  const list = new TagList();
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) serviceName = readText(reader, texts);
    else if (tag === 18) readTag(reader, list);
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { serviceName, tags: list.tags };
}

/** The type says which of the values counts, whatever others are there. */
function readTag(reader: WireReader, list: TagList): void {
  let key: string | Uint8Array = '';
  let type = 0;
  let text: string | Uint8Array = '';
  let flag = false;
  let integer = 0n;
  let double = 0;
  let binaryAt = 0;
  let binaryLength = 0;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) key = readTextOrBytes(reader, texts);
    else if (tag === 16) type = readEnum(reader, VALUE_TYPES.length, 'v_type');
    else if (tag === 26) text = readTextOrBytes(reader, texts);
    else if (tag === 32) flag = (reader.varint() | reader.high) !== 0;
    else if (tag === 40) integer = readInt64(reader);
    else if (tag === 49) double = readDouble(reader);
    else if (tag === 58) {
      binaryLength = reader.length();
      binaryAt = reader.pos;
      reader.pos += binaryLength;
    } else reader.skip(tag);
  }
  reader.leave(outerEnd);
  let value: TagValue = text;
  if (type === 1) value = flag;
  else if (type === 2) value = integer;
  else if (type === 3) value = double;
  else if (type === 4 && reader.faultAt < 0) value = reader.bytes.slice(binaryAt, binaryAt + binaryLength);
  list.add(key, value);
}

function readDouble(reader: WireReader): number {
  const at = reader.pos;
  reader.fixed64();
  return reader.faultAt < 0 ? reader.view.getFloat64(at, true) : 0;
}

function readTime(reader: WireReader, name: string): bigint {
  const at = reader.pos;
  const { seconds, nanos } = readSeconds(reader);
  if (reader.faultAt >= 0) return 0n;
  const time = seconds * SECOND + BigInt(nanos);
  if (nanos >= 0 && nanos < NANOS_PER_SECOND && isTime(time)) return time;
  reader.pos = at;
  reader.fail(`${name} is not a time from 1970 to 2554`);
  return 0n;
}

function readDuration(reader: WireReader): bigint {
  const at = reader.pos;
  const { seconds, nanos } = readSeconds(reader);
  const isSound = Math.abs(nanos) < NANOS_PER_SECOND && !(seconds > 0n && nanos < 0) && !(seconds < 0n && nanos > 0);
  if (isSound) return seconds * SECOND + BigInt(nanos);
  reader.pos = at;
  reader.fail('duration has nanoseconds that are more than a second or of another sign');
  return 0n;
}

/** `Timestamp` and `Duration` have the same fields. */
function readSeconds(reader: WireReader): { seconds: bigint; nanos: number } {
  let seconds = 0n;
  let nanos = 0;
  const outerEnd = reader.enter();
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 8) seconds = readInt64(reader);
    else if (tag === 16) nanos = reader.varint() | 0;
    else reader.skip(tag);
  }
  reader.leave(outerEnd);
  return { seconds, nanos };
}
