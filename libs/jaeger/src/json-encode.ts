import type { Span } from '@spoor/model';
import { base64Of } from '@spoor/otlp';
import { messageOfSpan } from './from-span.ts';
import type { Log, Process, Reference, Tag } from './message.ts';
import { textOfDuration, textOfTime } from './time.ts';

const utf8 = new TextEncoder();

/**
 * Encodes a span as the proto3 JSON of `jaeger.api_v2.Span`: a record of the encoding `jaeger_json` (CONTRACT §4).
 * Ids are base64, integers of 64 bits are strings, defaults are left out.
 */
export function encodeJaegerSpanJson(span: Span): Uint8Array {
  const message = messageOfSpan(span);
  const { durationNanos, process } = message;
  return utf8.encode(
    JSON.stringify({
      traceId: base64OfHex(message.traceId),
      spanId: base64OfHex(message.spanId),
      operationName: message.operationName || undefined,
      references: listOf(message.references, referenceObject),
      flags: message.flags || undefined,
      startTime: textOfTime(message.startTimeUnixNano),
      duration: durationNanos === 0n ? undefined : textOfDuration(durationNanos),
      tags: listOf(message.tags, tagObject),
      logs: listOf(message.logs, logObject),
      process: process === undefined ? undefined : processObject(process),
      warnings: listOf(message.warnings, (warning) => warning),
    }),
  );
}

function listOf<T, R>(values: readonly T[], objectOf: (value: T) => R): R[] | undefined {
  return values.length === 0 ? undefined : values.map(objectOf);
}

function referenceObject({ traceId, spanId, type }: Reference): object {
  return {
    traceId: base64OfHex(traceId),
    spanId: base64OfHex(spanId),
    refType: type === 'CHILD_OF' ? undefined : type,
  };
}

function logObject({ timeUnixNano, fields }: Log): object {
  return { timestamp: textOfTime(timeUnixNano), fields: listOf(fields, tagObject) };
}

function processObject({ serviceName, tags }: Process): object {
  return { serviceName: serviceName || undefined, tags: listOf(tags, tagObject) };
}

function tagObject({ key: name, value }: Tag): object {
  const key = name || undefined;
  if (typeof value === 'string') return { key, vStr: value || undefined };
  if (typeof value === 'boolean') return { key, vType: 'BOOL', vBool: value || undefined };
  if (typeof value === 'bigint') return { key, vType: 'INT64', vInt64: value === 0n ? undefined : String(value) };
  if (typeof value === 'number') return { key, vType: 'FLOAT64', vFloat64: doubleOrText(value) };
  return { key, vType: 'BINARY', vBinary: value.length === 0 ? undefined : base64Of(value) };
}

/** JSON has no NaN, no infinities, and JavaScript writes −0 without its sign. */
function doubleOrText(value: number): number | string | undefined {
  if (value === 0) return Object.is(value, 0) ? undefined : '-0';
  return Number.isFinite(value) ? value : String(value);
}

function base64OfHex(digits: string): string {
  return Buffer.from(digits, 'hex').toString('base64');
}
