/** Something with a life. Only a composition root (`apps/*`) calls `start` and `stop`. */
export interface Component {
  readonly name: string;
  /** Returns before remote peers answer; readiness tells when they do. Throws only for configuration that can never work. */
  start(): Promise<void>;
  /** Idempotent, legal before `start()`. Stops intake, drains until `signal` aborts, then releases. */
  stop(signal: AbortSignal): Promise<void>;
}

/** Where time comes from; tests pass their own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
