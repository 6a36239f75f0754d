import type { SpoorError } from '@spoor/model';
import { STATUS_OF_CODE } from '@spoor/service';

/** When a retryable error does not say when to try again. */
const DEFAULT_RETRY_AFTER_MS = 1000;

/** An error as OTLP tells it (CONTRACT §2.1). */
export interface OtlpError {
  readonly http: number;
  /** A google.rpc.Code. */
  readonly grpc: number;
  readonly message: string;
  /** Only where trying again may help. */
  readonly retryAfterMs: number | undefined;
}

/**
 * Senders try again on HTTP 429, 502, 503, 504 and on gRPC RESOURCE_EXHAUSTED with RetryInfo, UNAVAILABLE and
 * DEADLINE_EXCEEDED; on anything else they drop the spans. So a fault of Spoor's own is told as unavailability, and its
 * message stays in the log: it may hold what the sender must not see.
 */
export function otlpErrorOf(error: SpoorError): OtlpError {
  const retryAfterMs = error.kind === 'retryable' ? (error.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS) : undefined;
  if (error.code === 'SPOOR_INTERNAL')
    return {
      ...STATUS_OF_CODE.SPOOR_STORAGE_UNAVAILABLE,
      message: 'internal error; the log of the collector has more',
      retryAfterMs,
    };
  return { ...STATUS_OF_CODE[error.code], message: error.message, retryAfterMs };
}
