import { gaveUp } from './ticket.ts';

/** Counts bytes that are held, and lets those wait who want to add to a full one, in the order in which they came. */
export class ByteBudget {
  private readonly maxBytes: number;
  private readonly waiting = new Set<() => void>();
  private held = 0;
  private highWater = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.held;
  }

  get highWaterBytes(): number {
    return this.highWater;
  }

  get isFull(): boolean {
    return this.held >= this.maxBytes;
  }

  add(bytes: number): void {
    this.held += bytes;
    if (this.held > this.highWater) this.highWater = this.held;
  }

  release(bytes: number): void {
    this.held -= bytes;
    this.letNext();
  }

  /**
   * Resolves when it is the caller's turn: there is room, and nobody waits longer. Others may take the room before the caller
   * goes on, so it must look again. Throws `SPOOR_DEADLINE_EXCEEDED` when the signal aborts.
   */
  async turn(signal: AbortSignal): Promise<void> {
    if (!this.isFull && this.waiting.size === 0) return;
    if (signal.aborted) throw gaveUp();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      this.waiting.delete(resolve);
      reject(gaveUp());
    };
    this.waiting.add(resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The caller wants no more: what room is left is the next one's. */
  passOn(): void {
    this.letNext();
  }

  private letNext(): void {
    if (this.isFull) return;
    const next = this.waiting.values().next().value;
    if (next === undefined) return;
    this.waiting.delete(next);
    next();
  }
}
