/** An answer that takes longer asks for smaller requests; one within the first asks for larger ones. */
const QUICK_MS = 400;
const SLOW_MS = 5_000;
/** Below it, requests cost the servers more than what they carry: an overloaded server would only get slower. */
const SMALLEST_BYTES = 256 * 1_024;
/** No proxy takes less. */
const SMALLEST_CEILING_BYTES = 16 * 1_024;
const STEP_BYTES = 128 * 1_024;

export interface PaceLimits {
  readonly maxBytes: number;
  readonly maxConcurrency: number;
}

/**
 * How large bulk requests are and how many go at once. Both grow by a step while the servers answer quickly, and are halved when
 * they refuse or take long: what works is found from below, and one slow node does not stay buried.
 */
export class Pace {
  private readonly limits: PaceLimits;
  private bytes: number;
  private slots: number;
  /** What a proxy or server refused as too large lies above it for good. */
  private ceiling: number;

  constructor(limits: PaceLimits) {
    this.limits = limits;
    this.ceiling = limits.maxBytes;
    this.bytes = Math.min(limits.maxBytes, 2 ** 20);
    this.slots = limits.maxConcurrency;
  }

  /** Bytes at which a body is full. */
  get targetBytes(): number {
    return this.bytes;
  }

  /** Requests that may be under way at once. */
  get concurrency(): number {
    return Math.max(1, Math.floor(this.slots));
  }

  answered(sentBytes: number, elapsedMs: number): void {
    this.slots = Math.min(this.limits.maxConcurrency, this.slots + 1 / this.slots);
    if (elapsedMs > SLOW_MS) this.bytes = this.atLeast(this.bytes / 2);
    // A body that was not full says nothing about full ones.
    else if (elapsedMs < QUICK_MS && sentBytes >= this.bytes * 0.9)
      this.bytes = Math.min(this.ceiling, this.bytes + STEP_BYTES);
  }

  /** 429, circuit breakers, time-outs. */
  refused(): void {
    this.slots = Math.max(1, this.slots / 2);
    this.bytes = this.atLeast(this.bytes / 2);
  }

  /** 413 for a body of that size. */
  tooLarge(sentBytes: number): void {
    this.ceiling = Math.max(SMALLEST_CEILING_BYTES, Math.floor(Math.min(this.ceiling, sentBytes / 2)));
    this.bytes = Math.min(this.bytes, this.ceiling);
  }

  private atLeast(bytes: number): number {
    return Math.max(Math.min(SMALLEST_BYTES, this.ceiling), Math.floor(bytes));
  }
}
