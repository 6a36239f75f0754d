/** Of requests at once. */
const START = 16;
const MIN = 2;
/** A request that takes this many times the usual best is waiting in a queue of the server's. */
const SLOW_FACTOR = 6;
const SLOW_FLOOR_MS = 100;
/** Each answer moves the memory of the best time up a little, so that it follows a server that has become slower for good. */
const FORGET = 1.002;

/**
 * How many requests may be under way: one more for each round that is answered quickly, a tenth fewer for a slow round, half for
 * one that the server refuses. Waiting is first come, first served.
 */
export class Concurrency {
  limit: number;
  running = 0;
  private readonly max: number;
  private readonly waiting: (() => void)[] = [];
  private bestMs = Number.POSITIVE_INFINITY;
  private answersSinceCut = 0;

  constructor(max: number) {
    this.max = max;
    this.limit = Math.min(START, max);
  }

  async enter(): Promise<void> {
    if (this.running < Math.floor(this.limit) && this.waiting.length === 0) {
      this.running += 1;
      return;
    }
    // Whoever leaves hands over its place, so `running` stays as it is.
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  leave(): void {
    this.running -= 1;
    while (this.waiting.length > 0 && this.running < Math.floor(this.limit)) {
      this.running += 1;
      this.waiting.shift()?.();
    }
  }

  answered(ms: number): void {
    this.bestMs = Math.min(this.bestMs * FORGET, ms);
    this.answersSinceCut += 1;
    if (ms > Math.max(SLOW_FLOOR_MS, this.bestMs * SLOW_FACTOR)) this.cut(0.9);
    else this.limit = Math.min(this.max, this.limit + 1 / this.limit);
  }

  refused(): void {
    this.cut(0.5);
  }

  /** Once a round: the requests that were under way together all tell of the same trouble. */
  private cut(factor: number): void {
    if (this.answersSinceCut < this.limit && factor > 0.5) return;
    this.answersSinceCut = 0;
    this.limit = Math.max(MIN, this.limit * factor);
  }
}
