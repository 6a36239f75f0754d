import type { Rejection } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { ByteBudget } from './byte-budget.ts';
import { countOf, type LogMetrics } from './log-metrics.ts';
import type { DeadLetter, PartitionedBatch, SpanLogHandler, SpanLogRecord } from './span-log.ts';
import { wait } from './wait.ts';

/** Delays between two deliveries of the same records, doubling from the first to the last. */
const FIRST_REDELIVERY_MS = 50;
const LAST_REDELIVERY_MS = 5_000;

interface Entry {
  readonly record: SpanLogRecord;
  readonly settle: (rejections: readonly Rejection[]) => void;
  readonly fail: (error: SpoorError) => void;
}

interface Delivery {
  readonly handler: SpanLogHandler;
  readonly stopping: AbortSignal;
}

/**
 * One partition: a queue in memory, and at most one delivery at a time. While the handler stores one delivery, the next one
 * gathers, so that a busy store gets few large deliveries and an idle one gets each record at once.
 */
export class InProcessPartition {
  private readonly budget: ByteBudget;
  private readonly maxDeliveryBytes: number;
  private readonly metrics: LogMetrics;
  private readonly entries: Entry[] = [];
  private nextOffset = 0n;
  private delivery: Delivery | undefined;
  private running: Promise<void> | undefined;

  constructor(budget: ByteBudget, maxDeliveryBytes: number, metrics: LogMetrics) {
    this.budget = budget;
    this.maxDeliveryBytes = maxDeliveryBytes;
    this.metrics = metrics;
  }

  /** The room in the budget is taken already. Resolves with what came back as dead letters once the handler has stored. */
  append(batch: PartitionedBatch, appendedAtMs: number): Promise<readonly Rejection[]> {
    return new Promise((settle, fail) => {
      const record: SpanLogRecord = { ...batch, offset: this.nextOffset, appendedAtMs };
      this.nextOffset += 1n;
      this.entries.push({ record, settle, fail });
      this.wake();
    });
  }

  /** What is not done with. */
  lag(): {
    readonly records: number;
    readonly spans: number;
    readonly bytes: number;
    readonly oldestMs: number | undefined;
  } {
    const records = this.entries.map((entry) => entry.record);
    const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0);
    return { ...countOf(records), bytes, oldestMs: records[0]?.appendedAtMs };
  }

  /** Begins to deliver, until `stopping` aborts. */
  deliverTo(handler: SpanLogHandler, stopping: AbortSignal): void {
    this.delivery = { handler, stopping };
    this.wake();
  }

  /** Resolves when nothing waits and nothing is being delivered, or the delivery was told to stop. */
  async idle(): Promise<void> {
    await this.running;
  }

  /** What is still here was not stored: its appenders learn that they must send it again. */
  abandon(): void {
    this.delivery = undefined;
    for (const entry of this.entries.splice(0)) {
      this.release(entry);
      entry.fail(new SpoorError('SPOOR_SHUTTING_DOWN', 'the process stopped before the spans were stored; send again'));
    }
  }

  private wake(): void {
    if (this.running !== undefined || this.delivery === undefined || this.entries.length === 0) return;
    this.running = this.run(this.delivery).finally(() => {
      this.running = undefined;
      this.wake();
    });
  }

  private async run({ handler, stopping }: Delivery): Promise<void> {
    let failures = 0;
    while (this.entries.length > 0 && !stopping.aborted) {
      const taken = this.nextDelivery();
      const records = this.entries.slice(0, taken).map((entry) => entry.record);
      this.metrics.delivered(
        taken,
        records.reduce((sum, { bytes }) => sum + bytes.length, 0),
      );
      try {
        const deadLetters = await handler(records, stopping);
        failures = 0;
        // Nothing keeps the letters but the answers to their senders.
        for (const letter of deadLetters) this.metrics.deadLettered(letter);
        this.metrics.produced(countOf(records));
        this.metrics.consumed(countOf(records));
        for (const entry of this.entries.splice(0, taken)) {
          this.release(entry);
          entry.settle(rejectionsOf(entry.record, deadLetters));
        }
      } catch {
        // The handler reports its own trouble; here it only means: the same records again, a little later.
        await wait(Math.min(FIRST_REDELIVERY_MS * 2 ** failures, LAST_REDELIVERY_MS), stopping);
        failures += 1;
      }
    }
    if (stopping.aborted) this.delivery = undefined;
  }

  /** How many entries fit into one delivery: at least one. */
  private nextDelivery(): number {
    let bytes = 0;
    let count = 0;
    for (const { record } of this.entries) {
      bytes += record.bytes.length;
      if (count > 0 && bytes > this.maxDeliveryBytes) break;
      count += 1;
    }
    return count;
  }

  private release({ record }: Entry): void {
    this.budget.release(record.bytes.length, 1);
  }
}

function rejectionsOf(record: SpanLogRecord, deadLetters: readonly DeadLetter[]): Rejection[] {
  return deadLetters
    .filter((letter) => letter.record === record)
    .map(({ reason, message, spanCount }) => ({ reason, message, spanCount }));
}
