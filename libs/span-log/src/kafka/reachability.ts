/**
 * Whether the brokers take what we send and answer what we ask. A send that fails shows at once, not only with the next
 * question, and while it is tried again no answer to a question covers it up.
 */
export class Reachability {
  private asked: string | undefined = 'the brokers were not asked yet';
  private sent: string | undefined;
  private sendsUnderWay = 0;

  /** Why not; `undefined` when all is well. */
  reason(): string | undefined {
    return this.sent ?? this.asked;
  }

  answered(): void {
    this.asked = undefined;
    // Nobody else would ever find out that sends go through again.
    if (this.sendsUnderWay === 0) this.sent = undefined;
  }

  notAnswered(reason: string): void {
    this.asked = reason;
  }

  sendBegan(): void {
    this.sendsUnderWay += 1;
  }

  sendFailed(reason: string): void {
    this.sent = reason;
  }

  sendEnded(wasTaken: boolean): void {
    this.sendsUnderWay -= 1;
    if (!wasTaken) return;
    this.sent = undefined;
    this.asked = undefined;
  }
}
