import { SpoorError } from '@spoor/model';

/** What a budget has seen, for metrics. */
export interface BudgetUse {
  readonly bytes: number;
  readonly items: number;
  readonly highWaterBytes: number;
  readonly refusals: number;
}

/**
 * A bound on what may be held at once, in bytes and in items. A single item larger than the whole bound is let in when
 * nothing else is held: it could never pass otherwise, and its size was bounded at the edge.
 */
export class ByteBudget {
  readonly maxBytes: number;
  readonly maxItems: number;
  private bytes = 0;
  private items = 0;
  private highWaterBytes = 0;
  private refusals = 0;

  constructor(maxBytes: number, maxItems: number) {
    this.maxBytes = maxBytes;
    this.maxItems = maxItems;
  }

  /** Takes the room, or throws `SPOOR_OVERLOADED` at once and takes nothing. */
  acquire(bytes: number, items: number): void {
    const tooMany = this.items + items > this.maxItems || this.bytes + bytes > this.maxBytes;
    if (tooMany && this.items > 0) {
      this.refusals += 1;
      throw new SpoorError(
        'SPOOR_OVERLOADED',
        `${this.bytes} bytes in ${this.items} batches wait to be stored, the bound is ${this.maxBytes} bytes in ${this.maxItems}; send again later`,
        { retryAfterMs: 1000 },
      );
    }
    this.bytes += bytes;
    this.items += items;
    this.highWaterBytes = Math.max(this.highWaterBytes, this.bytes);
  }

  release(bytes: number, items: number): void {
    this.bytes -= bytes;
    this.items -= items;
  }

  use(): BudgetUse {
    return { bytes: this.bytes, items: this.items, highWaterBytes: this.highWaterBytes, refusals: this.refusals };
  }
}
