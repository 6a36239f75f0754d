import type { SpanKind } from '@spoor/model';

export const MINUTE_MS = 60_000;

/** Rates or durations of services over time (CONTRACT §7.4). */
export interface MetricsQuestion {
  /** At least one, each once. */
  readonly services: readonly string[];
  readonly spanKinds: readonly SpanKind[];
  /** A series for each operation of a service, instead of one for the service. */
  readonly byOperation: boolean;
  /** Milliseconds since the Unix epoch of the points, ascending. */
  readonly pointsMs: readonly number[];
  /** How many minutes each point looks back on, at least 1. */
  readonly windowMinutes: number;
}

/**
 * The last minute, counted from the Unix epoch, of a point's window: the last one that was over at that time. A minute that
 * still fills would make every rate dip at its end, and the same question have another answer a second later.
 */
export function lastMinuteOf(pointMs: number): number {
  return Math.floor(pointMs / MINUTE_MS) - 1;
}
