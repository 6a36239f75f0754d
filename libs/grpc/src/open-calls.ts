/** What can run out of time. */
export interface TimedCall {
  /** On the clock of `performance.now()`; infinite for a call without one. */
  readonly expiresAtMs: number;
  /** The time is over. */
  expire(): void;
}

/** A call learns that its time is over at most this much later. One timer for all calls costs less than one for each. */
const SWEEP_MS = 100;

/** The calls that are not over yet. Its timer runs only while there are some. */
export class OpenCalls {
  private readonly calls = new Set<TimedCall>();
  private timer: NodeJS.Timeout | undefined;

  add(call: TimedCall): void {
    this.calls.add(call);
    this.timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  delete(call: TimedCall): void {
    this.calls.delete(call);
  }

  private sweep(): void {
    if (this.calls.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    const nowMs = performance.now();
    for (const call of this.calls) if (call.expiresAtMs <= nowMs) call.expire();
  }
}
