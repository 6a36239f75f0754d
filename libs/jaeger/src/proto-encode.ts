import type { Span } from '@spoor/model';
import { WireWriter } from '@spoor/otlp';
import { messageOfSpan } from './from-span.ts';
import type { Log, Process, Reference, SpanMessage, Tag } from './message.ts';
import { REFERENCE_TYPES } from './message.ts';
import { SECOND } from './time.ts';

/**
 * Encodes a span as a `jaeger.api_v2.Span` with its process inside: a record of the encoding `jaeger_proto` (CONTRACT §4),
 * with the fields in the order of their numbers and without defaults, except ids and times, which the peer always writes.
 */
export function encodeJaegerSpan(span: Span): Uint8Array {
  const writer = new WireWriter(1024);
  writeSpanFields(writer, messageOfSpan(span));
  return writer.finish();
}

/** The fields of a `jaeger.api_v2.Span`. */
export function writeSpanFields(writer: WireWriter, message: SpanMessage): void {
  writer.hex(10, message.traceId);
  writer.hex(18, message.spanId);
  if (message.operationName !== '') writer.string(26, message.operationName);
  for (const reference of message.references) writeReference(writer, reference);
  if (message.flags !== 0) writeUint32(writer, 40, message.flags);
  writeSeconds(writer, 50, message.startTimeUnixNano);
  writeSeconds(writer, 58, message.durationNanos);
  writeTags(writer, 66, message.tags);
  for (const log of message.logs) writeLog(writer, log);
  if (message.process !== undefined) writeProcess(writer, message.process);
  for (const warning of message.warnings) writer.string(98, warning);
}

function writeUint32(writer: WireWriter, tag: number, value: number): void {
  writer.uint32(tag);
  writer.uint32(value);
}

function writeReference(writer: WireWriter, reference: Reference): void {
  const start = writer.begin(34);
  writer.hex(10, reference.traceId);
  writer.hex(18, reference.spanId);
  const type = REFERENCE_TYPES.indexOf(reference.type);
  if (type !== 0) writeUint32(writer, 24, type);
  writer.end(start);
}

/** A `Timestamp` or a `Duration`; of a negative one, both parts are negative. */
function writeSeconds(writer: WireWriter, tag: number, nanos: bigint): void {
  const start = writer.begin(tag);
  const seconds = nanos / SECOND;
  const rest = nanos % SECOND;
  if (seconds !== 0n) {
    writer.uint32(8);
    writer.int64(seconds);
  }
  if (rest !== 0n) {
    writer.uint32(16);
    writer.int64(rest);
  }
  writer.end(start);
}

function writeLog(writer: WireWriter, log: Log): void {
  const start = writer.begin(74);
  writeSeconds(writer, 10, log.timeUnixNano);
  writeTags(writer, 18, log.fields);
  writer.end(start);
}

function writeProcess(writer: WireWriter, process: Process): void {
  const start = writer.begin(82);
  writeProcessFields(writer, process);
  writer.end(start);
}

/** The fields of a `jaeger.api_v2.Process`. */
export function writeProcessFields(writer: WireWriter, process: Process): void {
  if (process.serviceName !== '') writer.string(10, process.serviceName);
  writeTags(writer, 18, process.tags);
}

function writeTags(writer: WireWriter, tag: number, tags: readonly Tag[]): void {
  for (const { key, value } of tags) {
    const start = writer.begin(tag);
    if (key !== '') writer.string(10, key);
    if (typeof value === 'string') {
      if (value !== '') writer.string(26, value);
    } else if (typeof value === 'boolean') {
      writeUint32(writer, 16, 1);
      if (value) writeUint32(writer, 32, 1);
    } else if (typeof value === 'bigint') {
      writeUint32(writer, 16, 2);
      if (value !== 0n) {
        writer.uint32(40);
        writer.int64(value);
      }
    } else if (typeof value === 'number') {
      writeUint32(writer, 16, 3);
      if (!Object.is(value, 0)) writer.double(49, value);
    } else {
      writeUint32(writer, 16, 4);
      if (value.length > 0) writer.blob(58, value);
    }
    writer.end(start);
  }
}
