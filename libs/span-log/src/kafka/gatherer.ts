import { SpoorError } from '@spoor/model';
import type { ByteBudget } from '../byte-budget.ts';
import type { BatchLimit } from './batch-limit.ts';
import type { OutgoingRecord } from './driver.ts';
import { RECORD_OVERHEAD_BYTES } from './record-format.ts';

export interface GathererSettings {
  readonly lingerMs: number;
  /** What one partition may get in one request; may change at any time. */
  readonly limit: Pick<BatchLimit, 'bytes'>;
}

interface Entry {
  readonly record: OutgoingRecord;
  readonly bytes: number;
  readonly settle: () => void;
  readonly fail: (error: SpoorError) => void;
}

/** Bound on one request to all partitions together; the brokers' own (`socket.request.max.bytes`) is 100 MiB. */
const MAX_REQUEST_BYTES = 8 * 1024 * 1024;

/**
 * Gathers records of many requests into few. One send is under way at a time, so that a partition's records keep their
 * order whatever has to be sent again; what comes meanwhile goes with the next one.
 */
export class Gatherer {
  private readonly budget: ByteBudget;
  private readonly settings: GathererSettings;
  private readonly send: (records: readonly OutgoingRecord[]) => Promise<void>;
  private pending: Entry[] = [];
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;

  constructor(
    budget: ByteBudget,
    settings: GathererSettings,
    send: (records: readonly OutgoingRecord[]) => Promise<void>,
  ) {
    this.budget = budget;
    this.settings = settings;
    this.send = send;
  }

  /**
   * Resolves when the record is acknowledged. The room in the budget was taken by the caller and is given back here.
   * `signal` takes back what was not sent yet.
   */
  append(record: OutgoingRecord, bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = () => {
        signal.removeEventListener('abort', onAbort);
        this.budget.release(bytes, 1);
      };
      const entry: Entry = {
        record,
        bytes: bytes + RECORD_OVERHEAD_BYTES,
        settle: () => {
          over();
          resolve();
        },
        fail: (error) => {
          over();
          reject(error);
        },
      };
      const onAbort = () => {
        const at = this.pending.indexOf(entry);
        if (at === -1) return;
        this.pending.splice(at, 1);
        entry.fail(new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the spans were not taken in time; send again'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.pending.push(entry);
      this.schedule();
    });
  }

  /** Sends what waits without lingering. Resolves when nothing is left. */
  async drain(): Promise<void> {
    while (this.pending.length > 0 || this.sending !== undefined) {
      this.sendNow();
      await this.sending;
    }
  }

  /** What is not under way fails. */
  abandon(error: SpoorError): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const entry of this.pending.splice(0)) entry.fail(error);
  }

  private schedule(): void {
    if (this.sending !== undefined || this.timer !== undefined) return;
    this.timer = setTimeout(() => this.sendNow(), this.settings.lingerMs);
  }

  private sendNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.sending !== undefined || this.pending.length === 0) return;
    this.sending = this.sendOnce(this.takeRequest()).finally(() => {
      this.sending = undefined;
      // These have lingered while the last request was under way.
      if (this.pending.length > 0) this.sendNow();
    });
  }

  private async sendOnce(entries: readonly Entry[]): Promise<void> {
    try {
      await this.send(entries.map((entry) => entry.record));
      for (const entry of entries) entry.settle();
    } catch (error) {
      const failure =
        error instanceof SpoorError ? error : new SpoorError('SPOOR_INTERNAL', String(error), { cause: error });
      for (const entry of entries) entry.fail(failure);
    }
  }

  /** The oldest records that fit; a partition that is full stays full, so that none overtakes. */
  private takeRequest(): Entry[] {
    const taken: Entry[] = [];
    const left: Entry[] = [];
    const bytesOf = new Map<number, number>();
    const full = new Set<number>();
    let total = 0;
    for (const entry of this.pending) {
      const { partition } = entry.record;
      const before = bytesOf.get(partition) ?? 0;
      const fits = before === 0 || before + entry.bytes <= this.settings.limit.bytes;
      if (full.has(partition) || !fits || (taken.length > 0 && total + entry.bytes > MAX_REQUEST_BYTES)) {
        full.add(partition);
        left.push(entry);
        continue;
      }
      bytesOf.set(partition, before + entry.bytes);
      total += entry.bytes;
      taken.push(entry);
    }
    this.pending = left;
    return taken;
  }
}
