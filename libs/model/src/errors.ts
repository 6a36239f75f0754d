/**
 * Every error that Spoor throws on purpose. Told apart by `kind`:
 * `rejected`: the input is wrong; never retried. `retryable`: may pass; back off and try again.
 * `fatal`: configuration that can never work; the process says what to change and exits.
 */
export type ErrorKind = 'rejected' | 'retryable' | 'fatal';

/** Stable codes. The reference page lists them, and a test compares the page with this table. */
export const ERROR_CODES = {
  SPOOR_INVALID_REQUEST: { kind: 'rejected', meaning: 'the request cannot be understood; the message names the field' },
  SPOOR_MALFORMED_SPANS: { kind: 'rejected', meaning: 'the request body is not a message of the announced encoding' },
  SPOOR_REQUEST_TOO_LARGE: { kind: 'rejected', meaning: 'the request, or what it inflates to, is over the limit' },
  SPOOR_UNSUPPORTED_MEDIA_TYPE: { kind: 'rejected', meaning: 'the content type is not one that this address takes' },
  SPOOR_UNAUTHENTICATED: { kind: 'rejected', meaning: 'the request lacks the tenant header' },
  SPOOR_PERMISSION_DENIED: { kind: 'rejected', meaning: 'the tenant is not known' },
  SPOOR_NOT_FOUND: { kind: 'rejected', meaning: 'what was asked for does not exist' },
  SPOOR_NOT_IMPLEMENTED: {
    kind: 'rejected',
    meaning: 'this installation does not have the capability that was asked for',
  },
  SPOOR_OVERLOADED: { kind: 'retryable', meaning: 'a bounded queue is full; wait and send again' },
  SPOOR_STORAGE_UNAVAILABLE: {
    kind: 'retryable',
    meaning: 'the storage did not take or answer; it will be tried again',
  },
  SPOOR_SPAN_LOG_UNAVAILABLE: {
    kind: 'retryable',
    meaning: 'the span log (Kafka) did not take or answer; send again, nothing is lost meanwhile',
  },
  SPOOR_SHUTTING_DOWN: { kind: 'retryable', meaning: 'the process is stopping; send to another one' },
  SPOOR_DEADLINE_EXCEEDED: { kind: 'retryable', meaning: 'the work did not finish in the time that was given' },
  SPOOR_INVALID_CONFIGURATION: {
    kind: 'fatal',
    meaning: 'a setting is missing, unknown or malformed; the message names each',
  },
  SPOOR_ADDRESS_IN_USE: { kind: 'fatal', meaning: 'another process listens on the port' },
  SPOOR_STORAGE_CORRUPT: { kind: 'fatal', meaning: 'the stored data cannot be read; the message names the file' },
  SPOOR_STORAGE_LOCKED: { kind: 'fatal', meaning: 'another process has the data directory open' },
  SPOOR_INTERNAL: { kind: 'retryable', meaning: 'a fault of Spoor itself; the log has its trace' },
} as const satisfies Record<string, { kind: ErrorKind; meaning: string }>;
export type ErrorCode = keyof typeof ERROR_CODES;

export class SpoorError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  /** When the sender may try again. Only on retryable errors. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SpoorError';
    this.code = code;
    this.kind = ERROR_CODES[code].kind;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Total: anything thrown becomes a `SpoorError`. What Spoor did not throw itself is `SPOOR_INTERNAL`. */
export function classify(thrown: unknown): SpoorError {
  if (thrown instanceof SpoorError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new SpoorError('SPOOR_INTERNAL', message, { cause: thrown });
}
