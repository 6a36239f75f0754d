import type { DiscardReason } from '@spoor/model';
import { bytesOfBase64 } from './base64.ts';
import type { WireWriter } from './wire-writer.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Writes JSON values as protobuf fields. Null and absent are the same. What a value cannot be is a fault: the first is kept,
 * `path` tells where it is, and what was written meanwhile is good for nothing.
 */
export class JsonFieldWriter {
  readonly writer: WireWriter;
  reason: DiscardReason | undefined;
  private path = '';
  private what = '';

  constructor(writer: WireWriter) {
    this.writer = writer;
  }

  /** The fault in words. */
  get message(): string {
    return `${this.path}${this.what}`;
  }

  clear(): void {
    this.reason = undefined;
    this.path = this.what = '';
  }

  fail(field: string, what: string, reason: DiscardReason = 'malformed'): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.path = field;
    this.what = ` ${what}`;
  }

  /** A nested message; `write` writes its fields. */
  object(tag: number, field: string, value: unknown, write: (object: JsonObject) => void): void {
    if (value === undefined || value === null) return;
    if (!isObject(value)) {
      this.fail(field, 'is not an object');
      return;
    }
    const start = this.writer.begin(tag);
    const wasSound = this.reason === undefined;
    write(value);
    if (wasSound && this.reason !== undefined) this.path = `${field}.${this.path}`;
    this.writer.end(start);
  }

  /** Repeated messages. Stops at the first fault. */
  objects(tag: number, field: string, value: unknown, write: (object: JsonObject) => void): void {
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) {
      this.fail(field, 'is not an array');
      return;
    }
    for (let i = 0; i < value.length && this.reason === undefined; i += 1) {
      const element: unknown = value[i];
      if (element === null || element === undefined) this.fail(`${field}[${i}]`, 'is null');
      else this.object(tag, `${field}[${i}]`, element, write);
    }
  }

  string(tag: number, field: string, value: unknown, isOneof = false): void {
    if (value === undefined || value === null) return;
    if (typeof value !== 'string') this.fail(field, 'is not a string');
    else if (value !== '' || isOneof) this.writer.string(tag, value);
  }

  /** A non-negative integer of 32 bits. */
  uint32(field: string, value: unknown): number {
    if (value === undefined || value === null) return 0;
    const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 0xffffffff) return number;
    this.fail(field, 'is not an integer from 0 to 4294967295');
    return 0;
  }

  /** Proto3 leaves out zeros. */
  count(tag: number, field: string, value: unknown): void {
    const count = this.uint32(field, value);
    if (count === 0) return;
    this.writer.uint32(tag);
    this.writer.uint32(count);
  }

  /** A number of the enum, or one of its names in full (`SPAN_KIND_SERVER`). */
  enumeration(tag: number, field: string, value: unknown, prefix: string, names: readonly string[]): void {
    if (typeof value !== 'string' || !value.startsWith(prefix)) {
      this.count(tag, field, value);
      return;
    }
    const number = names.indexOf(value.slice(prefix.length).toLowerCase());
    if (number < 0) this.fail(field, `is not a name of the enum ${prefix}…`);
    else this.count(tag, field, number);
  }

  /** Nanoseconds since the Unix epoch. */
  time(tag: number, field: string, value: unknown): void {
    if (value === undefined || value === null) return;
    const nanos = integerOf(value);
    if (nanos === undefined || BigInt.asUintN(64, nanos) !== nanos) {
      this.fail(field, 'is not an unsigned 64-bit integer, as a string or a number', 'invalid_time');
    } else if (nanos !== 0n) this.writer.fixed64(tag, nanos);
  }

  /** An id of `digits` hex digits; 0 for any even number. Absent and `''` are the same. */
  id(tag: number, field: string, value: unknown, digits: number, reason: DiscardReason): void {
    if (value === undefined || value === null || value === '') return;
    if (typeof value !== 'string') this.fail(field, 'is not a string of hex digits', reason);
    else if (digits > 0 && value.length !== digits) {
      this.fail(field, `has ${value.length} characters, must be ${digits} hex digits`, reason);
    } else if (!/^(?:[0-9a-fA-F]{2})+$/.test(value)) this.fail(field, 'is not hex; OTLP JSON has ids in hex', reason);
    else this.writer.hex(tag, value);
  }

  attributes(tag: number, value: unknown): void {
    this.objects(tag, 'attributes', value, this.keyValue);
  }

  private readonly keyValue = (attribute: JsonObject): void => {
    this.string(10, 'key', attribute['key']);
    this.object(18, 'value', attribute['value'], this.anyValue);
  };

  private readonly anyValue = (value: JsonObject): void => {
    const { writer } = this;
    const isSet = (field: string) => value[field] !== undefined && value[field] !== null;
    if (isSet('stringValue')) this.string(10, 'stringValue', value['stringValue'], true);
    else if (isSet('boolValue')) {
      if (typeof value['boolValue'] !== 'boolean') this.fail('boolValue', 'is neither true nor false');
      writer.uint32(16);
      writer.uint32(value['boolValue'] === true ? 1 : 0);
    } else if (isSet('intValue')) {
      const integer = integerOf(value['intValue']);
      if (integer === undefined || BigInt.asIntN(64, integer) !== integer) {
        this.fail('intValue', 'is not a 64-bit integer, as a string or a number');
        return;
      }
      writer.uint32(24);
      writer.int64(integer);
    } else if (isSet('doubleValue')) {
      const double = doubleOf(value['doubleValue']);
      if (double === undefined) this.fail('doubleValue', 'is not a number');
      else writer.double(33, double);
    } else if (isSet('arrayValue')) this.object(42, 'arrayValue', value['arrayValue'], this.arrayValues);
    else if (isSet('kvlistValue')) this.object(50, 'kvlistValue', value['kvlistValue'], this.entries);
    else if (isSet('bytesValue')) {
      const text = value['bytesValue'];
      const bytes = typeof text === 'string' ? bytesOfBase64(text) : undefined;
      if (bytes === undefined) this.fail('bytesValue', 'is not base64');
      else writer.blob(58, bytes);
    }
  };

  private readonly arrayValues = (array: JsonObject): void =>
    this.objects(10, 'values', array['values'], this.anyValue);

  private readonly entries = (list: JsonObject): void => this.objects(10, 'values', list['values'], this.keyValue);
}

/** 64-bit integers come as strings or as numbers (CONTRACT §2.1). */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 65 ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** A double as JSON has it: a number, or a string of one, of NaN or of an infinity. */
export function doubleOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return value.length <= 400 && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined;
}
