import { SPAN_KINDS, SpoorError } from '@spoor/model';
import { DurationHistogram } from './duration-histogram.ts';
import type { OperationMetrics } from './operation-metrics.ts';

/** As JSON: a list of `[operation, kind's number, errors, [bucket, count, …]]`. */
export function encodeOperations(operations: readonly OperationMetrics[]): string {
  return JSON.stringify(
    operations.map(({ operation, spanKind, errors, durations }) => [
      operation,
      SPAN_KINDS.indexOf(spanKind),
      errors,
      durations.toArray(),
    ]),
  );
}

/** Throws `SPOOR_STORAGE_UNAVAILABLE` for what `encodeOperations` did not write. */
export function decodeOperations(text: string): OperationMetrics[] {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (cause) {
    throw notOperations(cause);
  }
  if (!Array.isArray(rows)) throw notOperations();
  return rows.map((row: unknown) => {
    const [operation, kindNumber, errors, buckets]: readonly unknown[] = Array.isArray(row) ? row : [];
    const spanKind = typeof kindNumber === 'number' ? SPAN_KINDS[kindNumber] : undefined;
    if (typeof operation !== 'string' || spanKind === undefined || typeof errors !== 'number' || !areNumbers(buckets))
      throw notOperations();
    return { operation, spanKind, errors, durations: new DurationHistogram(buckets) };
  });
}

function areNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

function notOperations(cause?: unknown): SpoorError {
  return new SpoorError(
    'SPOOR_STORAGE_UNAVAILABLE',
    'stored metrics are not what Spoor writes; was their index or table written by something else?',
    { cause },
  );
}
