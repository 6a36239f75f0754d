import type { Component } from '@spoor/model';

/** The strategy of one operation. */
export interface OperationStrategy {
  readonly operation: string;
  readonly samplingRate: number;
}

/** What holds for the operations of a service (CONTRACT §3.1). */
export interface OperationSampling {
  readonly defaultSamplingProbability: number;
  readonly defaultLowerBoundTracesPerSecond: number;
  readonly perOperationStrategies: readonly OperationStrategy[];
  readonly defaultUpperBoundTracesPerSecond: number;
}

/** `SamplingStrategyResponse` (CONTRACT §3.2): what a client is told for its service. */
export type SamplingStrategy =
  | {
      readonly type: 'probabilistic';
      /** From 0 to 1. */
      readonly samplingRate: number;
      readonly operationSampling?: OperationSampling;
    }
  | {
      readonly type: 'ratelimiting';
      /** Whole. */
      readonly maxTracesPerSecond: number;
      readonly operationSampling?: OperationSampling;
    };

/** Where strategies come from. */
export interface SamplingStrategies extends Component {
  /** Never `undefined`: a service that nobody has named gets the default. May throw; clients then keep what they have. */
  strategyFor(service: string): Promise<SamplingStrategy>;
  /** Takes note of spans that were taken, as OTLP `TracesData` that was scanned, where strategies depend on them. Never throws. */
  observe?(bytes: Uint8Array): void;
}
