import { checkSpanCount } from '@spoor/model';
import { type ThriftReader, TYPES } from '@spoor/thrift';
import type { JaegerBatch } from './batch.ts';
import { soundSpanName, TagList } from './invalid-text.ts';
import type { Log, Process, Reference, SpanMessage, Tag, TagValue } from './message.ts';
import { REFERENCE_TYPES } from './message.ts';
import { readThriftBytes, readThriftText, readThriftTextOrBytes } from './thrift-text.ts';
import { LATEST_TIME, nanosOfMicros } from './time.ts';

/** What a client tells of the spans that it lost, in all since it began (CONTRACT §2.4). */
export interface ClientStats {
  readonly fullQueueDroppedSpans: bigint;
  readonly tooLargeDroppedSpans: bigint;
  readonly failedToEmitSpans: bigint;
}

export interface ThriftBatch extends JaegerBatch {
  /** Grows by one a batch of a client; 0 where the client does not count. */
  readonly sequence: bigint;
  readonly stats: ClientStats | undefined;
}

/**
 * Reads the struct `Batch` of jaeger.thrift (CONTRACT §2.4), in either protocol. A struct without a compulsory field is
 * refused with `SPOOR_MALFORMED_SPANS`, as Thrift has it. Ids of zero and times outside of what OTLP can say are handed on:
 * whoever scans the spans gives them their names. A parent id becomes the first reference, unless there is one to it.
 */
export function readThriftBatch(reader: ThriftReader): ThriftBatch {
  const start = reader.pos;
  let process: Process | undefined;
  let spans: SpanMessage[] | undefined;
  let sequence = 0n;
  let stats: ClientStats | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1c) process = readProcess(reader);
    else if (field === 0x2f) spans = readList(reader, readSpan, checkSpanCount);
    else if (field === 0x3a) sequence = reader.i64();
    else if (field === 0x4c) stats = readStats(reader);
    else reader.skip(field);
  }
  reader.leave();
  if (process === undefined) reader.fail('the Batch has no process', start);
  if (spans === undefined) reader.fail('the Batch has no spans', start);
  return { process, spans, sequence, stats };
}

function readList<T>(reader: ThriftReader, read: (reader: ThriftReader) => T, check?: (size: number) => void): T[] {
  const size = reader.listOf(TYPES.struct);
  check?.(size);
  const elements: T[] = [];
  for (let i = 0; i < size; i += 1) elements.push(read(reader));
  return elements;
}

function readProcess(reader: ThriftReader): Process {
  const start = reader.pos;
  let serviceName: string | undefined;
  let tags: Tag[] = [];
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1b) serviceName = readThriftText(reader);
    else if (field === 0x2f) tags = readTags(reader);
    else reader.skip(field);
  }
  reader.leave();
  if (serviceName === undefined) reader.fail('the Process has no serviceName', start);
  return { serviceName, tags };
}

function readSpan(reader: ThriftReader): SpanMessage {
  const start = reader.pos;
  let low: bigint | undefined;
  let high: bigint | undefined;
  let spanId: bigint | undefined;
  let parentId: bigint | undefined;
  let name: string | Uint8Array | undefined;
  let references: Reference[] = [];
  let flags: number | undefined;
  let startMicros: bigint | undefined;
  let durationMicros: bigint | undefined;
  let tags: Tag[] = [];
  let logs: Log[] = [];
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1a) low = reader.i64();
    else if (field === 0x2a) high = reader.i64();
    else if (field === 0x3a) spanId = reader.i64();
    else if (field === 0x4a) parentId = reader.i64();
    else if (field === 0x5b) name = readThriftTextOrBytes(reader);
    else if (field === 0x6f) references = readList(reader, readReference);
    else if (field === 0x78) flags = reader.i32();
    else if (field === 0x8a) startMicros = reader.i64();
    else if (field === 0x9a) durationMicros = reader.i64();
    else if (field === 0xaf) tags = readTags(reader);
    else if (field === 0xbf) logs = readList(reader, readLog);
    else reader.skip(field);
  }
  reader.leave();
  if (
    low === undefined ||
    high === undefined ||
    spanId === undefined ||
    parentId === undefined ||
    name === undefined ||
    flags === undefined ||
    startMicros === undefined ||
    durationMicros === undefined
  )
    reader.fail('the Span lacks a compulsory field', start);
  const traceId = hexOfId(high) + hexOfId(low);
  const startTimeUnixNano = nanosOfMicros(startMicros);
  const end = startTimeUnixNano + durationMicros * 1000n;
  return {
    traceId,
    spanId: hexOfId(spanId),
    operationName: soundSpanName(name, tags),
    references: withParent(references, traceId, parentId),
    flags: flags >>> 0,
    startTimeUnixNano,
    // An end that OTLP cannot tell must not come out as another one that it can.
    durationNanos: end >= 0n && end <= LATEST_TIME ? durationMicros * 1000n : LATEST_TIME - startTimeUnixNano,
    tags,
    logs,
    process: undefined,
    warnings: [],
  };
}

function hexOfId(id: bigint): string {
  return BigInt.asUintN(64, id).toString(16).padStart(16, '0');
}

function withParent(references: Reference[], traceId: string, parentId: bigint): Reference[] {
  if (parentId === 0n) return references;
  const parent: Reference = { type: 'CHILD_OF', traceId, spanId: hexOfId(parentId) };
  // Of whatever type: a client writes the id of what a span follows as its parent too.
  const isParent = (other: Reference) => other.spanId === parent.spanId && other.traceId === traceId;
  return references.some(isParent) ? references : [parent, ...references];
}

function readReference(reader: ThriftReader): Reference {
  const start = reader.pos;
  let type: number | undefined;
  let low: bigint | undefined;
  let high: bigint | undefined;
  let spanId: bigint | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x18) type = reader.i32();
    else if (field === 0x2a) low = reader.i64();
    else if (field === 0x3a) high = reader.i64();
    else if (field === 0x4a) spanId = reader.i64();
    else reader.skip(field);
  }
  reader.leave();
  if (type === undefined || low === undefined || high === undefined || spanId === undefined)
    reader.fail('the SpanRef lacks a compulsory field', start);
  const known = REFERENCE_TYPES[type];
  if (known === undefined) reader.fail(`the SpanRef has the type ${type}, must have 0 or 1`, start);
  return { type: known, traceId: hexOfId(high) + hexOfId(low), spanId: hexOfId(spanId) };
}

function readLog(reader: ThriftReader): Log {
  const start = reader.pos;
  let timestamp: bigint | undefined;
  let fields: Tag[] | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1a) timestamp = reader.i64();
    else if (field === 0x2f) fields = readTags(reader);
    else reader.skip(field);
  }
  reader.leave();
  if (timestamp === undefined || fields === undefined) reader.fail('the Log lacks a compulsory field', start);
  return { timeUnixNano: nanosOfMicros(timestamp), fields };
}

function readTags(reader: ThriftReader): Tag[] {
  const size = reader.listOf(TYPES.struct);
  const list = new TagList();
  for (let i = 0; i < size; i += 1) readTag(reader, list);
  return list.tags;
}

/** The type says which of the values counts, whatever others are there; one that is missing is zero or empty. */
function readTag(reader: ThriftReader, list: TagList): void {
  const start = reader.pos;
  let key: string | Uint8Array | undefined;
  let type: number | undefined;
  let text: string | Uint8Array = '';
  let double = 0;
  let flag = false;
  let integer = 0n;
  let binary: Uint8Array | undefined;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1b) key = readThriftTextOrBytes(reader);
    else if (field === 0x28) type = reader.i32();
    else if (field === 0x3b) text = readThriftTextOrBytes(reader);
    else if (field === 0x44) double = reader.double();
    else if (field === 0x52) flag = reader.bool();
    else if (field === 0x6a) integer = reader.i64();
    else if (field === 0x7b) binary = readThriftBytes(reader);
    else reader.skip(field);
  }
  reader.leave();
  if (key === undefined || type === undefined) reader.fail('the Tag lacks a compulsory field', start);
  // In the order of TagType (CONTRACT §2.4).
  const values: readonly TagValue[] = [text, double, flag, integer, binary ?? new Uint8Array(0)];
  const value = values[type];
  if (value === undefined) reader.fail(`the Tag has the type ${type}, must have one from 0 to 4`, start);
  list.add(key, value);
}

function readStats(reader: ThriftReader): ClientStats {
  let fullQueueDroppedSpans = 0n;
  let tooLargeDroppedSpans = 0n;
  let failedToEmitSpans = 0n;
  reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1a) fullQueueDroppedSpans = reader.i64();
    else if (field === 0x2a) tooLargeDroppedSpans = reader.i64();
    else if (field === 0x3a) failedToEmitSpans = reader.i64();
    else reader.skip(field);
  }
  reader.leave();
  return { fullQueueDroppedSpans, tooLargeDroppedSpans, failedToEmitSpans };
}
