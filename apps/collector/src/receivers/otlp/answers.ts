import type { Rejection } from '@spoor/model';
import type { OtlpFormat } from '../intake/metrics.ts';
import { countOf, describeRejections } from '../intake/rejections.ts';
import { integer, message, statusMessage } from '../intake/rpc-status.ts';
import type { OtlpError } from '../intake/status.ts';

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
