import { SpoorError } from '@spoor/model';
import type { MetricsSlice, MetricsSliceStore } from '@spoor/storage';

/** Deliveries of as many spans are put at once: there is more to come, and a request costs little beside them. */
const MANY_SPANS = 2_000;

interface Call {
  readonly slices: readonly MetricsSlice[];
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts what deliveries of several partitions changed together. Where little comes, each of them would be a request of its own,
 * and the store would spend more on metrics than their few documents are worth.
 */
export class GatheredSlices {
  private readonly store: MetricsSliceStore;
  private readonly lingerMs: number;
  private waiting: Call[] = [];
  private waitingSpans = 0;
  private timer: NodeJS.Timeout | undefined;

  /** `lingerMs`: how long small deliveries wait for others; 0 puts each by itself. */
  constructor(store: MetricsSliceStore, lingerMs: number) {
    this.store = store;
    this.lingerMs = lingerMs;
  }

  /** As `MetricsSliceStore.putSlices`; `spans` is how many the delivery had. Who waits together fails together. */
  put(slices: readonly MetricsSlice[], spans: number, signal: AbortSignal): Promise<void> {
    if (this.lingerMs === 0) return this.store.putSlices(slices, signal);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const call = { slices, signal, resolve, reject };
    this.waiting.push(call);
    this.waitingSpans += spans;
    const giveUp = () => this.giveUp(call);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) this.giveUp(call);
    else if (this.waitingSpans >= MANY_SPANS) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.lingerMs);
    // The signal is that of the partition, and outlives many deliveries.
    return promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  /** What is being put already is waited for. */
  private giveUp(call: Call): void {
    if (!this.waiting.includes(call)) return;
    this.waiting = this.waiting.filter((one) => one !== call);
    call.reject(new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the caller gave up before metrics were stored'));
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const calls = this.waiting;
    this.waiting = [];
    this.waitingSpans = 0;
    if (calls.length === 0) return;
    const aborter = new AbortController();
    const onAbort = () => {
      if (calls.every(({ signal }) => signal.aborted)) aborter.abort();
    };
    for (const { signal } of calls) signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.store.putSlices(
        calls.flatMap(({ slices }) => slices),
        aborter.signal,
      );
      for (const { resolve } of calls) resolve();
    } catch (error) {
      for (const { reject } of calls) reject(error);
    } finally {
      for (const { signal } of calls) signal.removeEventListener('abort', onAbort);
    }
  }
}
