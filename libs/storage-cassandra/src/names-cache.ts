import type { Clock } from '@spoor/model';

/** As many services and operations as the peer remembers (CONTRACT §6.1). */
const MAX_NAMES = 100_000;

/** Names that were written a while ago and so need not be written with every span. The oldest make room for new ones. */
export class NamesCache {
  private readonly expiryMs = new Map<string, number>();
  private readonly ttlMs: number;
  private readonly clock: Clock;

  constructor(ttlMs: number, clock: Clock) {
    this.ttlMs = ttlMs;
    this.clock = clock;
  }

  has(name: string): boolean {
    const expiry = this.expiryMs.get(name);
    return expiry !== undefined && expiry > this.clock.nowMs();
  }

  /** Call it once the names are stored. */
  add(names: Iterable<string>): void {
    const expiry = this.clock.nowMs() + this.ttlMs;
    for (const name of names) {
      this.expiryMs.delete(name);
      this.expiryMs.set(name, expiry);
    }
    for (const oldest of this.expiryMs.keys()) {
      if (this.expiryMs.size <= MAX_NAMES) break;
      this.expiryMs.delete(oldest);
    }
  }
}
