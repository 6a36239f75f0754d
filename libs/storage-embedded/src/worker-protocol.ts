import type { ErrorCode } from '@spoor/model';
import { classify, SpoorError } from '@spoor/model';
import type { EmbeddedStorageConfig } from './config.ts';

export type WorkerRole = 'writer' | 'reader' | 'keeper';

export interface WorkerData {
  readonly role: WorkerRole;
  readonly config: EmbeddedStorageConfig;
  /** All ones, except in tests that want collisions. */
  readonly hashMask: number;
  /** Pages that the file may have; for tests of a full disk. */
  readonly maxPages: number | undefined;
}

export interface WorkerRequest {
  readonly id: number;
  readonly operation: string;
  readonly argument: unknown;
}

export type WorkerReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: WorkerError };

/** A `SpoorError` as it crosses threads. */
export interface WorkerError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  readonly stack: string | undefined;
}

export function packError(thrown: unknown): WorkerError {
  const { code, message, retryAfterMs, stack } = classify(thrown);
  return { code, message, retryAfterMs, stack };
}

export function unpackError({ code, message, retryAfterMs, stack }: WorkerError): SpoorError {
  const error = new SpoorError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
  if (stack !== undefined) error.stack = stack;
  return error;
}
