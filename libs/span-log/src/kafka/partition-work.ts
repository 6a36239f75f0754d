import type { FetchedRecord } from './driver.ts';
import type { Held } from './group-progress.ts';
import { toldSpanCount } from './record-format.ts';

export interface PartitionWorkSettings {
  readonly partition: number;
  readonly maxDeliveryBytes: number;
  /** Finishes the records for good, or gives up because `signal` aborted and resolves with false. Never throws. */
  readonly finish: (records: readonly FetchedRecord[], signal: AbortSignal) => Promise<boolean>;
  /** Called when the handler gets records: there is room for others to wait. */
  readonly taken: () => void;
  /** Called when records are no longer held, finished or given up. */
  readonly released: (bytes: number) => void;
}

export function sizeOf(record: FetchedRecord): number {
  return record.value?.length ?? 0;
}

/** Records in offset order, counted. */
export function heldOf(records: readonly FetchedRecord[]): Held {
  let bytes = 0;
  let spans = 0;
  let uncounted = 0;
  for (const record of records) {
    bytes += sizeOf(record);
    const told = toldSpanCount(record);
    if (told === undefined) uncounted += 1;
    else spans += told;
  }
  return { records: records.length, bytes, spans, uncounted, oldestMs: records[0]?.timestampMs };
}

/** The work on one partition while it is assigned: one delivery at a time, in offset order. */
export class PartitionWork {
  private readonly settings: PartitionWorkSettings;
  private readonly revoked = new AbortController();
  private readonly predecessor: Promise<void>;
  private queue: FetchedRecord[] = [];
  private delivery: readonly FetchedRecord[] = [];
  private queuedBytes = 0;
  private running: Promise<void> | undefined;
  private last = false;

  /** Begins when `predecessor` is over: the same partition may just have been taken away from this very process. */
  constructor(settings: PartitionWorkSettings, predecessor: Promise<void>) {
    this.settings = settings;
    this.predecessor = predecessor;
  }

  /** Fetched and not yet handed to the handler. */
  waitingBytes(): number {
    return this.queuedBytes;
  }

  /** Fetched and not finished. */
  held(): Held {
    return heldOf([...this.delivery, ...this.queue]);
  }

  /** Whether the handler or the dead letters have a delivery. */
  isBusy(): boolean {
    return this.delivery.length > 0;
  }

  add(records: readonly FetchedRecord[]): void {
    for (const record of records) {
      this.queue.push(record);
      this.queuedBytes += sizeOf(record);
    }
    this.wake();
  }

  /** The partition was taken away: the handler's signal aborts. Resolves when the handler has ended. */
  async abort(): Promise<void> {
    this.revoked.abort();
    this.dropQueue();
    await this.predecessor;
    await this.running;
  }

  /** The delivery that is under way is the last one. Resolves when it is over. */
  async finishCurrent(): Promise<void> {
    this.last = true;
    await this.running;
    this.dropQueue();
  }

  private wake(): void {
    if (this.running !== undefined || this.queue.length === 0 || this.last) return;
    this.running = this.run().finally(() => {
      this.running = undefined;
      if (!this.revoked.signal.aborted) this.wake();
    });
  }

  private async run(): Promise<void> {
    await this.predecessor;
    while (this.queue.length > 0 && !this.last && !this.revoked.signal.aborted) {
      const delivery = this.takeDelivery();
      const bytes = delivery.reduce((sum, record) => sum + sizeOf(record), 0);
      this.delivery = delivery;
      this.settings.taken();
      const finished = await this.settings.finish(delivery, this.revoked.signal);
      this.delivery = [];
      this.settings.released(bytes);
      // What was not finished comes again from the brokers, to us or to another member.
      if (!finished) return this.dropQueue();
    }
  }

  private takeDelivery(): FetchedRecord[] {
    let bytes = 0;
    let count = 0;
    for (const record of this.queue) {
      bytes += sizeOf(record);
      if (count > 0 && bytes > this.settings.maxDeliveryBytes) break;
      count += 1;
    }
    const delivery = this.queue.splice(0, count);
    this.queuedBytes -= delivery.reduce((sum, record) => sum + sizeOf(record), 0);
    return delivery;
  }

  private dropQueue(): void {
    this.queue = [];
    const bytes = this.queuedBytes;
    this.queuedBytes = 0;
    if (bytes > 0) this.settings.released(bytes);
  }
}
