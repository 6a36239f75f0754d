import type { DiscardReason, Rejection, WriteOutcome } from '@spoor/model';
import { SpoorError } from '@spoor/model';

/** One call of `write`: settled when the last of its documents is. */
export class Ticket {
  readonly outcome: Promise<WriteOutcome>;
  /** Service entries that this call sent already. */
  readonly services: Set<string> = new Set();
  private readonly settle: { resolve(outcome: WriteOutcome): void; reject(error: unknown): void };
  private readonly rejections = new Map<string, { reason: DiscardReason; message: string; spanCount: number }>();
  private accepted = 0;
  private pending = 0;
  private isComplete = false;
  private failure: SpoorError | undefined;
  private abandoned = false;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<WriteOutcome>();
    this.outcome = promise;
    this.settle = { resolve, reject };
    // Whoever called may have given up by then.
    promise.catch(() => undefined);
  }

  /** Nobody waits for it any more: what was not sent yet need not be. */
  get isAbandoned(): boolean {
    return this.abandoned;
  }

  /** A document of this call will be settled. */
  expect(): void {
    this.pending += 1;
  }

  stored(isSpan: boolean): void {
    if (isSpan) this.accepted += 1;
    this.settled();
  }

  /** A document that was expected will never be stored. Of service entries, that is for the log only. */
  rejected(reason: DiscardReason, message: string, isSpan: boolean): void {
    if (isSpan) this.discard(reason, message);
    this.settled();
  }

  /** A span for which no document was expected. */
  discard(reason: DiscardReason, message: string): void {
    const key = `${reason} ${message}`;
    const known = this.rejections.get(key);
    if (known === undefined) this.rejections.set(key, { reason, message, spanCount: 1 });
    else known.spanCount += 1;
  }

  failed(error: SpoorError): void {
    this.failure ??= error;
    this.settled();
  }

  /** Nothing more will be expected. */
  complete(): void {
    this.isComplete = true;
    this.settleWhenDone();
  }

  abandon(error: SpoorError): void {
    this.abandoned = true;
    this.settle.reject(error);
  }

  private settled(): void {
    this.pending -= 1;
    this.settleWhenDone();
  }

  private settleWhenDone(): void {
    if (!this.isComplete || this.pending > 0) return;
    if (this.failure !== undefined) this.settle.reject(this.failure);
    else
      this.settle.resolve({ accepted: this.accepted, rejected: [...this.rejections.values()] satisfies Rejection[] });
  }
}

export function gaveUp(): SpoorError {
  return new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the caller gave up before the storage had the spans');
}
