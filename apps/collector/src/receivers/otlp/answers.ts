import type { Rejection } from '@spoor/model';
import type { OtlpError } from './status.ts';

export type OtlpFormat = 'protobuf' | 'json';

export const CONTENT_TYPES: Record<OtlpFormat, string> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

const EMPTY = Buffer.alloc(0);
const EMPTY_JSON = Buffer.from('{"partialSuccess":{}}');

/** `ExportTraceServiceResponse`. Without rejections it is empty (CONTRACT §2.1). */
export function exportResponse(rejected: readonly Rejection[], format: OtlpFormat): Buffer {
  if (rejected.length === 0) return format === 'json' ? EMPTY_JSON : EMPTY;
  const rejectedSpans = countOf(rejected);
  const errorMessage = describeRejections(rejected);
  if (format === 'json')
    return Buffer.from(JSON.stringify({ partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } }));
  return message(1, Buffer.concat([integer(1, rejectedSpans), message(2, Buffer.from(errorMessage))]));
}

/** `google.rpc.Status` as the body of an HTTP error. */
export function statusBody(error: OtlpError, format: OtlpFormat): Buffer {
  if (format === 'json') return Buffer.from(JSON.stringify({ code: error.grpc, message: error.message }));
  return statusMessage(error);
}

/** `google.rpc.Status` in protobuf, with `RetryInfo` among its details where trying again may help. */
export function statusMessage(error: OtlpError): Buffer {
  const parts = [integer(1, error.grpc), message(2, Buffer.from(error.message))];
  if (error.retryAfterMs !== undefined) parts.push(message(3, retryInfo(error.retryAfterMs)));
  return Buffer.concat(parts);
}

export function countOf(rejected: readonly Rejection[]): number {
  return rejected.reduce((sum, rejection) => sum + rejection.spanCount, 0);
}

/** For the sender: how many spans were rejected, and why. */
export function describeRejections(rejected: readonly Rejection[]): string {
  const reasons = rejected.map(({ spanCount, reason, message: text }) => `${spanCount} ${reason} (${text})`);
  return `${countOf(rejected)} spans rejected: ${reasons.join('; ')}`;
}

function retryInfo(retryAfterMs: number): Buffer {
  const seconds = Math.floor(retryAfterMs / 1000);
  const nanos = Math.round((retryAfterMs % 1000) * 1e6);
  const delay = message(1, Buffer.concat([integer(1, seconds), integer(2, nanos)]));
  return Buffer.concat([message(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), message(2, delay)]);
}

/** A varint field; zero is left out, as proto3 has it. */
function integer(field: number, value: number): Buffer {
  return value === 0 ? EMPTY : Buffer.from([...varint(field << 3), ...varint(value)]);
}

/** A length-delimited field. */
function message(field: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(content.length)]), content]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}
