import { DurationHistogram, type OperationMetrics } from '@spoor/storage';

const NANOS_PER_MS = 1_000_000;

/** What the minutes of a window add up to, for one series. */
export interface Tally {
  add(metrics: OperationMetrics): void;
  /** Takes away what was added before. */
  remove(metrics: OperationMetrics): void;
  value(): number;
}

/** What a question asks for. */
export interface Measure {
  /** The value of a window without a call. */
  readonly ofNoCalls: number;
  createTally(windowMinutes: number): Tally;
}

/** Calls a second. */
export const callRate: Measure = {
  ofNoCalls: 0,
  createTally(windowMinutes) {
    let calls = 0;
    return {
      add({ durations }) {
        calls += durations.count;
      },
      remove({ durations }) {
        calls -= durations.count;
      },
      value: () => calls / (windowMinutes * 60),
    };
  },
};

/** The share of the calls that failed, 0 to 1; `NaN` of no calls. */
export const errorRate: Measure = {
  ofNoCalls: Number.NaN,
  createTally() {
    let calls = 0;
    let failed = 0;
    return {
      add({ durations, errors }) {
        calls += durations.count;
        failed += errors;
      },
      remove({ durations, errors }) {
        calls -= durations.count;
        failed -= errors;
      },
      value: () => failed / calls,
    };
  },
};

/**
 * Milliseconds that the share `quantile` of the calls did not exceed; `NaN` of no calls. Beyond 0 and 1 it is what PromQL
 * makes of it: an infinity (CONTRACT §7.4 does not check it, §8.1).
 */
export function latency(quantile: number): Measure {
  return {
    ofNoCalls: Number.NaN,
    createTally() {
      const sum = new DurationHistogram();
      return {
        add: ({ durations }) => sum.merge(durations),
        remove: ({ durations }) => sum.subtract(durations),
        value() {
          if (sum.count === 0) return Number.NaN;
          if (quantile < 0) return Number.NEGATIVE_INFINITY;
          return quantile > 1 ? Number.POSITIVE_INFINITY : sum.quantile(quantile) / NANOS_PER_MS;
        },
      };
    },
  };
}
