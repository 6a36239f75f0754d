/**
 * Whether we are in our consumer group. A member that got no partitions is in it. Every rebalance takes all of us out
 * for a moment, which nobody needs to hear of; past the time-out of a session the group has forgotten us.
 */
export class Membership {
  private readonly group: string;
  private readonly sessionTimeoutMs: number;
  /** `undefined` while we are in. */
  private outsideSinceMs: number | undefined = Number.NEGATIVE_INFINITY;
  private trouble: string | undefined;

  constructor(group: string, sessionTimeoutMs: number) {
    this.group = group;
    this.sessionTimeoutMs = sessionTimeoutMs;
  }

  joined(): void {
    this.outsideSinceMs = undefined;
    this.trouble = undefined;
  }

  left(nowMs: number): void {
    this.outsideSinceMs ??= nowMs;
  }

  troubled(trouble: string): void {
    this.trouble = trouble;
  }

  /** Why we are not in; `undefined` when we are, or were a moment ago. */
  reason(nowMs: number): string | undefined {
    if (this.outsideSinceMs === undefined || nowMs - this.outsideSinceMs <= this.sessionTimeoutMs) return undefined;
    return `not in the consumer group ${this.group}: ${this.trouble ?? 'joining it'}`;
  }
}
