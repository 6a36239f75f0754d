import { ERROR_CODES, type ErrorCode, SpoorError } from '@spoor/model';
import { expect, test } from 'vitest';
import {
  errorCodeOfGrpcStatus,
  errorCodeOfHttpStatus,
  GRPC_STATUS,
  grpcStatusOf,
  httpStatusOf,
  STATUS_OF_CODE,
} from './status.ts';

const codes = Object.keys(ERROR_CODES) as ErrorCode[];
const onTheWire = codes.filter((code) => ERROR_CODES[code].kind !== 'fatal');

test.each([
  ['SPOOR_INVALID_REQUEST', 400, 3],
  ['SPOOR_MALFORMED_SPANS', 400, 3],
  ['SPOOR_REQUEST_TOO_LARGE', 413, 3],
  ['SPOOR_OVERLOADED', 429, 8],
  ['SPOOR_SHUTTING_DOWN', 503, 14],
  ['SPOOR_DEADLINE_EXCEEDED', 504, 4],
  ['SPOOR_INTERNAL', 500, 13],
] as const)('%s is HTTP %i and gRPC %i', (code, http, grpc) => {
  const error = new SpoorError(code, 'message');
  expect([httpStatusOf(error), grpcStatusOf(error)]).toEqual([http, grpc]);
});

test.each(onTheWire)('%s keeps its kind there and back, over HTTP and gRPC', (code) => {
  const error = new SpoorError(code, 'message');
  expect(ERROR_CODES[errorCodeOfHttpStatus(httpStatusOf(error))].kind).toBe(error.kind);
  expect(ERROR_CODES[errorCodeOfGrpcStatus(grpcStatusOf(error))].kind).toBe(error.kind);
});

test('what comes back has the status that was sent', () => {
  for (const { http, grpc } of Object.values(STATUS_OF_CODE)) {
    expect(STATUS_OF_CODE[errorCodeOfHttpStatus(http)].http).toBe(http);
    expect(STATUS_OF_CODE[errorCodeOfGrpcStatus(grpc)].grpc).toBe(grpc);
  }
});

test('every status has a meaning', () => {
  expect(errorCodeOfHttpStatus(418)).toBe('SPOOR_INVALID_REQUEST');
  expect(errorCodeOfHttpStatus(599)).toBe('SPOOR_INTERNAL');
  expect(errorCodeOfGrpcStatus(GRPC_STATUS.CANCELLED)).toBe('SPOOR_DEADLINE_EXCEEDED');
  expect(errorCodeOfGrpcStatus(2)).toBe('SPOOR_INTERNAL');
});
