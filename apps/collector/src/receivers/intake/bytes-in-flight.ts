import { SpoorError } from '@spoor/model';

/** How long a sender is asked to wait when the bound is reached. */
const RETRY_AFTER_MS = 1000;

/** The bound on the bytes of requests that are held and not yet answered, over all receivers of a process. */
export class BytesInFlight {
  readonly maxBytes: number;
  private held = 0;
  private highWater = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Throws `SPOOR_OVERLOADED`, and takes nothing, when the bound would be passed. */
  take(bytes: number): void {
    if (this.held + bytes > this.maxBytes)
      throw new SpoorError(
        'SPOOR_OVERLOADED',
        `${this.held} bytes of requests wait for their answer, at most ${this.maxBytes} may; send again later`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    this.held += bytes;
    if (this.held > this.highWater) this.highWater = this.held;
  }

  give(bytes: number): void {
    this.held -= bytes;
  }

  get heldBytes(): number {
    return this.held;
  }

  get highWaterBytes(): number {
    return this.highWater;
  }
}
