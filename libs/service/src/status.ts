import type { ErrorCode, SpoorError } from '@spoor/model';

interface Status {
  readonly http: number;
  readonly grpc: number;
}

/** gRPC's status numbers, as far as Spoor answers them. */
export const GRPC_STATUS = {
  OK: 0,
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** What each error is on the wire. Rejections are statuses that senders do not retry, retryable errors those that they do. */
export const STATUS_OF_CODE: Readonly<Record<ErrorCode, Status>> = {
  SPOOR_INVALID_REQUEST: { http: 400, grpc: GRPC_STATUS.INVALID_ARGUMENT },
  SPOOR_MALFORMED_SPANS: { http: 400, grpc: GRPC_STATUS.INVALID_ARGUMENT },
  // Not RESOURCE_EXHAUSTED: senders would retry what can never pass.
  SPOOR_REQUEST_TOO_LARGE: { http: 413, grpc: GRPC_STATUS.INVALID_ARGUMENT },
  SPOOR_UNSUPPORTED_MEDIA_TYPE: { http: 415, grpc: GRPC_STATUS.INVALID_ARGUMENT },
  SPOOR_UNAUTHENTICATED: { http: 401, grpc: GRPC_STATUS.UNAUTHENTICATED },
  SPOOR_PERMISSION_DENIED: { http: 403, grpc: GRPC_STATUS.PERMISSION_DENIED },
  SPOOR_NOT_FOUND: { http: 404, grpc: GRPC_STATUS.NOT_FOUND },
  SPOOR_NOT_IMPLEMENTED: { http: 501, grpc: GRPC_STATUS.UNIMPLEMENTED },
  SPOOR_OVERLOADED: { http: 429, grpc: GRPC_STATUS.RESOURCE_EXHAUSTED },
  SPOOR_STORAGE_UNAVAILABLE: { http: 503, grpc: GRPC_STATUS.UNAVAILABLE },
  SPOOR_SPAN_LOG_UNAVAILABLE: { http: 503, grpc: GRPC_STATUS.UNAVAILABLE },
  SPOOR_SHUTTING_DOWN: { http: 503, grpc: GRPC_STATUS.UNAVAILABLE },
  SPOOR_DEADLINE_EXCEEDED: { http: 504, grpc: GRPC_STATUS.DEADLINE_EXCEEDED },
  SPOOR_INVALID_CONFIGURATION: { http: 500, grpc: GRPC_STATUS.INTERNAL },
  SPOOR_ADDRESS_IN_USE: { http: 500, grpc: GRPC_STATUS.INTERNAL },
  SPOOR_STORAGE_CORRUPT: { http: 500, grpc: GRPC_STATUS.INTERNAL },
  SPOOR_STORAGE_LOCKED: { http: 500, grpc: GRPC_STATUS.INTERNAL },
  SPOOR_INTERNAL: { http: 500, grpc: GRPC_STATUS.INTERNAL },
};

export function httpStatusOf(error: Pick<SpoorError, 'code'>): number {
  return STATUS_OF_CODE[error.code].http;
}

export function grpcStatusOf(error: Pick<SpoorError, 'code'>): number {
  return STATUS_OF_CODE[error.code].grpc;
}

const CODE_OF_HTTP: Readonly<Record<number, ErrorCode>> = {
  400: 'SPOOR_INVALID_REQUEST',
  401: 'SPOOR_UNAUTHENTICATED',
  403: 'SPOOR_PERMISSION_DENIED',
  404: 'SPOOR_NOT_FOUND',
  408: 'SPOOR_DEADLINE_EXCEEDED',
  413: 'SPOOR_REQUEST_TOO_LARGE',
  415: 'SPOOR_UNSUPPORTED_MEDIA_TYPE',
  429: 'SPOOR_OVERLOADED',
  500: 'SPOOR_INTERNAL',
  501: 'SPOOR_NOT_IMPLEMENTED',
  502: 'SPOOR_STORAGE_UNAVAILABLE',
  503: 'SPOOR_STORAGE_UNAVAILABLE',
  504: 'SPOOR_DEADLINE_EXCEEDED',
};

const CODE_OF_GRPC: Readonly<Record<number, ErrorCode>> = {
  [GRPC_STATUS.CANCELLED]: 'SPOOR_DEADLINE_EXCEEDED',
  [GRPC_STATUS.INVALID_ARGUMENT]: 'SPOOR_INVALID_REQUEST',
  [GRPC_STATUS.DEADLINE_EXCEEDED]: 'SPOOR_DEADLINE_EXCEEDED',
  [GRPC_STATUS.NOT_FOUND]: 'SPOOR_NOT_FOUND',
  [GRPC_STATUS.PERMISSION_DENIED]: 'SPOOR_PERMISSION_DENIED',
  [GRPC_STATUS.RESOURCE_EXHAUSTED]: 'SPOOR_OVERLOADED',
  [GRPC_STATUS.UNIMPLEMENTED]: 'SPOOR_NOT_IMPLEMENTED',
  [GRPC_STATUS.INTERNAL]: 'SPOOR_INTERNAL',
  [GRPC_STATUS.UNAVAILABLE]: 'SPOOR_STORAGE_UNAVAILABLE',
  [GRPC_STATUS.UNAUTHENTICATED]: 'SPOOR_UNAUTHENTICATED',
};

/** What an answer of another process means. Total: other 4xx are rejections, everything else is retryable. */
export function errorCodeOfHttpStatus(status: number): ErrorCode {
  return CODE_OF_HTTP[status] ?? (status >= 400 && status < 500 ? 'SPOOR_INVALID_REQUEST' : 'SPOOR_INTERNAL');
}

/** What a gRPC status of another process means. Total. */
export function errorCodeOfGrpcStatus(status: number): ErrorCode {
  return CODE_OF_GRPC[status] ?? 'SPOOR_INTERNAL';
}
