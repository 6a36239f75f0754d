import type { Span } from '@spoor/model';
import type { JsonObject } from '@spoor/otlp';
import { bytesOfBase64, doubleOf, hexOf, integerOf, isObject, notJson, parseBoundedJson } from '@spoor/otlp';
import { checkSize, type SpanLimits } from './malformed.ts';
import type { Log, Process, Reference, SpanMessage, Tag, TagValue } from './message.ts';
import { REFERENCE_TYPES, VALUE_TYPES } from './message.ts';
import { durationOfText, isTime, timeOfText } from './time.ts';
import { resourceOf, spanOfMessage } from './to-span.ts';

const FORMAT = 'the JSON of a Jaeger Span';
/** The message has four levels; what is unknown may have more. */
const MAX_DEPTH = 16;

/**
 * Decodes the proto3 JSON of a `jaeger.api_v2.Span`: a record of the encoding `jaeger_json` (CONTRACT §4). Fields may have
 * their names of the JSON or of the proto file, enums a name or a number, 64-bit integers a string or a number; null is
 * absent, unknown fields are skipped. Throws `SPOOR_MALFORMED_SPANS`, or `SPOOR_REQUEST_TOO_LARGE`.
 */
export function decodeJaegerSpanJson(bytes: Uint8Array, limits: SpanLimits = {}): Span {
  checkSize(bytes.length, 'the Jaeger span', limits);
  const root = parseBoundedJson(bytes, MAX_DEPTH, FORMAT);
  if (!isObject(root)) throw malformed('the top level', 'is not an object');
  const message = messageOf(root);
  return spanOfMessage(message, resourceOf(message.process));
}

function malformed(path: string, what: string): Error {
  return notJson(`${path} ${what}`, FORMAT);
}

function messageOf(span: JsonObject): SpanMessage {
  const traceId = readId(span, 'traceId', 'trace_id', '', [16, 8]).padStart(32, '0');
  const spanId = readId(span, 'spanId', 'span_id', '', [8]);
  if (/^0*$/.test(traceId)) throw malformed('traceId', 'is missing or all zero');
  if (/^0*$/.test(spanId)) throw malformed('spanId', 'is missing or all zero');
  const startTimeUnixNano = readTime(span['startTime'] ?? span['start_time'], 'startTime');
  const durationNanos = readDuration(span['duration']);
  if (!isTime(startTimeUnixNano + durationNanos))
    throw malformed('startTime and duration', 'end before 1970 or after 2554');
  const process = span['process'] ?? undefined;
  if (process !== undefined && !isObject(process)) throw malformed('process', 'is not an object');
  return {
    traceId,
    spanId,
    operationName: readString(span['operationName'] ?? span['operation_name'], 'operationName'),
    references: readList(span['references'], 'references', readReference),
    flags: readFlags(span['flags']),
    startTimeUnixNano,
    durationNanos,
    tags: readList(span['tags'], 'tags', readTag),
    logs: readList(span['logs'], 'logs', readLog),
    process: process === undefined ? undefined : readProcess(process),
    warnings: readStrings(span['warnings'], 'warnings'),
  };
}

function readList<T>(value: unknown, path: string, read: (element: JsonObject, path: string) => T): T[] {
  return elementsOf(value, path).map((element, index) => {
    if (!isObject(element)) throw malformed(`${path}[${index}]`, 'is not an object');
    return read(element, `${path}[${index}].`);
  });
}

function readStrings(value: unknown, path: string): string[] {
  return elementsOf(value, path).map((element, index) => {
    if (typeof element !== 'string') throw malformed(`${path}[${index}]`, 'is not a string');
    return element;
  });
}

function elementsOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw malformed(path, 'is not an array');
  return value;
}

function readReference(reference: JsonObject, path: string): Reference {
  const type = readEnum(reference['refType'] ?? reference['ref_type'], `${path}refType`, REFERENCE_TYPES);
  return {
    traceId: readId(reference, 'traceId', 'trace_id', path, [16, 8]).padStart(32, '0'),
    spanId: readId(reference, 'spanId', 'span_id', path, [8]).padStart(16, '0'),
    type: REFERENCE_TYPES[type]!,
  };
}

function readLog(log: JsonObject, path: string): Log {
  return {
    timeUnixNano: readTime(log['timestamp'], `${path}timestamp`),
    fields: readList(log['fields'], `${path}fields`, readTag),
  };
}

function readProcess(process: JsonObject): Process {
  return {
    serviceName: readString(process['serviceName'] ?? process['service_name'], 'process.serviceName'),
    tags: readList(process['tags'], 'process.tags', readTag),
  };
}

/** All values are looked at, as protobuf does; the type says which of them counts. */
function readTag(tag: JsonObject, path: string): Tag {
  const type = readEnum(tag['vType'] ?? tag['v_type'], `${path}vType`, VALUE_TYPES);
  const text = readString(tag['vStr'] ?? tag['v_str'], `${path}vStr`);
  const flag = tag['vBool'] ?? tag['v_bool'] ?? false;
  if (typeof flag !== 'boolean') throw malformed(`${path}vBool`, 'is neither true nor false');
  const integer = integerOf(tag['vInt64'] ?? tag['v_int64'] ?? 0);
  if (integer === undefined || BigInt.asIntN(64, integer) !== integer)
    throw malformed(`${path}vInt64`, 'is not a 64-bit integer, as a string or a number');
  const double = doubleOf(tag['vFloat64'] ?? tag['v_float64'] ?? 0);
  if (double === undefined) throw malformed(`${path}vFloat64`, 'is not a number');
  const binary = readBytes(tag['vBinary'] ?? tag['v_binary'], `${path}vBinary`);
  const values: readonly TagValue[] = [text, flag, integer, double, binary];
  return { key: readString(tag['key'], `${path}key`), value: values[type]! };
}

function readString(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw malformed(path, 'is not a string');
  return value;
}

function readBytes(value: unknown, path: string): Uint8Array {
  if (value === undefined || value === null) return new Uint8Array(0);
  const bytes = typeof value === 'string' ? bytesOfBase64(value) : undefined;
  if (bytes === undefined) throw malformed(path, 'is not base64');
  return bytes;
}

/** Lower-case hex, `''` when absent. */
function readId(of: JsonObject, name: string, protoName: string, path: string, sizes: readonly number[]): string {
  const value = of[name] ?? of[protoName] ?? undefined;
  if (value === undefined) return '';
  const bytes = readBytes(value, `${path}${name}`);
  if (!sizes.includes(bytes.length))
    throw malformed(`${path}${name}`, `has ${bytes.length} bytes, must be the base64 of ${sizes.join(' or ')}`);
  return hexOf(bytes);
}

function readFlags(value: unknown): number {
  const flags = integerOf(value ?? 0);
  if (flags === undefined || BigInt.asUintN(32, flags) !== flags)
    throw malformed('flags', 'is not an integer from 0 to 4294967295');
  return Number(flags);
}

function readEnum(value: unknown, path: string, names: readonly string[]): number {
  if (value === undefined || value === null) return 0;
  const number = typeof value === 'string' ? names.indexOf(value) : value;
  if (typeof number === 'number' && number >= 0 && names[number] !== undefined) return number;
  throw malformed(path, `is none of ${names.join(', ')}`);
}

function readTime(value: unknown, path: string): bigint {
  if (value === undefined || value === null) return 0n;
  const time = typeof value === 'string' ? timeOfText(value) : undefined;
  if (time === undefined || !isTime(time)) throw malformed(path, 'is not an RFC 3339 time from 1970 to 2554');
  return time;
}

function readDuration(value: unknown): bigint {
  if (value === undefined || value === null) return 0n;
  const nanos = typeof value === 'string' ? durationOfText(value) : undefined;
  if (nanos === undefined) throw malformed('duration', 'is not a duration in seconds such as "0.001s"');
  return nanos;
}
