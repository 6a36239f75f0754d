import { BulkBody } from './bulk-body.ts';
import type { BulkSender } from './bulk-sender.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { Pace } from './pace.ts';

/** Room behind the target for the document that makes a body full. */
const SLACK_BYTES = 32 * 1_024;
/** Buffers of bodies that were answered, kept for the next ones. */
const MAX_SPARE = 8;

/**
 * Gathers the documents of concurrent calls into bodies. One goes out at once when none is under way; while some are, the next
 * gathers until it is full or one of them is done. So small writes do not wait, and many of them share requests.
 */
export class BulkQueue {
  private readonly sender: BulkSender;
  private readonly pace: Pace;
  private readonly budget: ByteBudget;
  private readonly aborter = new AbortController();
  private readonly full: BulkBody[] = [];
  private readonly spare: BulkBody[] = [];
  private open: BulkBody | undefined;
  private running = 0;
  private isScheduled = false;
  private closing = false;
  private onIdle: (() => void) | undefined;

  constructor(sender: BulkSender, pace: Pace, budget: ByteBudget) {
    this.sender = sender;
    this.pace = pace;
    this.budget = budget;
  }

  /** Nothing more is to be written. */
  get isClosing(): boolean {
    return this.closing;
  }

  /** The body that the next document goes into. */
  body(): BulkBody {
    if (this.open !== undefined && this.open.length >= this.pace.targetBytes) {
      this.full.push(this.open);
      this.open = undefined;
    }
    return (this.open ??= this.spare.pop() ?? new BulkBody(this.pace.targetBytes + SLACK_BYTES));
  }

  /** Documents were added; they go out when it is their turn. */
  flush(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    // What else comes in this turn of the event loop goes along.
    setImmediate(() => {
      this.isScheduled = false;
      this.dispatch();
    });
  }

  /** Resolves when nothing is left, or right after `signal` aborts, which cuts off what is under way. */
  async drain(signal: AbortSignal): Promise<void> {
    this.closing = true;
    const onAbort = () => this.aborter.abort();
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    this.dispatch();
    while (this.running > 0 || this.hasWork()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.onIdle = resolve;
      await promise;
    }
    signal.removeEventListener('abort', onAbort);
  }

  private hasWork(): boolean {
    return this.full.length > 0 || (this.open?.items.length ?? 0) > 0;
  }

  private dispatch(): void {
    while (this.running < this.pace.concurrency) {
      const body = this.full.shift() ?? (this.running === 0 ? this.takeOpen() : undefined);
      if (body === undefined) return;
      this.running += 1;
      this.deliver(body);
    }
  }

  private takeOpen(): BulkBody | undefined {
    const body = this.open;
    if (body === undefined || body.items.length === 0) return undefined;
    this.open = undefined;
    return body;
  }

  private async deliver(body: BulkBody): Promise<void> {
    const bytes = body.length;
    if (body.items.some(({ ticket }) => !ticket.isAbandoned)) await this.sender.send(body, this.aborter.signal);
    body.keep([]);
    if (this.spare.length < MAX_SPARE && body.buffer.bytes.length <= this.pace.targetBytes * 2) this.spare.push(body);
    this.running -= 1;
    this.budget.release(bytes);
    this.dispatch();
    if (this.running === 0) this.onIdle?.();
  }
}
