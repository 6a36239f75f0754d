/** Root spans of an operation that one collector saw in one interval (CONTRACT §3.4). */
export interface OperationThroughput {
  readonly service: string;
  readonly operation: string;
  readonly count: number;
  /** The probabilities with which they had been sampled, with six decimals. */
  readonly probabilities: readonly string[];
}

/** What an operation is to be sampled with, and the root spans a second that it was computed from. */
export interface OperationProbability {
  readonly service: string;
  readonly operation: string;
  readonly probability: number;
  readonly qps: number;
}

/** What the collectors that sample adaptively tell one another (CONTRACT §3.4). Trouble is thrown as `SPOOR_STORAGE_UNAVAILABLE`. */
export interface SamplingStore {
  insertThroughput(throughput: readonly OperationThroughput[], signal: AbortSignal): Promise<void>;
  /** What was inserted after `afterMs`, until `untilMs` included; in milliseconds since the Unix epoch, in no promised order. */
  getThroughput(afterMs: number, untilMs: number, signal: AbortSignal): Promise<readonly OperationThroughput[]>;
  insertProbabilities(
    hostname: string,
    probabilities: readonly OperationProbability[],
    signal: AbortSignal,
  ): Promise<void>;
  /** Those that were inserted last; none when there are none. */
  getLatestProbabilities(signal: AbortSignal): Promise<readonly OperationProbability[]>;
}

/** Leases that one of several owners has at a time. They end by themselves. */
export interface LeaseStore {
  /** Takes the lease, or makes one that `owner` has last longer. False when another has it. */
  acquire(resource: string, owner: string, ttlMs: number, signal: AbortSignal): Promise<boolean>;
  /** Gives it up before it ends. False when `owner` did not have it. */
  forfeit(resource: string, owner: string, signal: AbortSignal): Promise<boolean>;
}
