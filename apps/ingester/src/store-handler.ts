import type { RecordWriter } from '@spoor/derive';
import { counterOf, histogramOf } from '@spoor/metrics';
import { classify, type DiscardReason, type SpoorError, type WriteOutcome } from '@spoor/model';
import type { DeadLetter, SpanLogHandler, SpanLogRecord } from '@spoor/span-log';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** Resolves after the time, or as soon as the signal aborts. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export interface StoreHandlerDependencies {
  readonly writer: RecordWriter;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly random: () => number;
  readonly wait: Wait;
}

export interface StoreHandler {
  readonly handler: SpanLogHandler;
  /** Why the storage does not take spans at the moment; `undefined` when it does. */
  trouble(): string | undefined;
}

interface Settled {
  readonly accepted: number;
  readonly letters: readonly DeadLetter[];
}

/**
 * Stores records. Trouble is tried again with growing, jittered waits for as long as it lasts or until the signal aborts, and
 * then thrown. What the storage will never take becomes dead letters, which the log counts once they are placed. Stored spans
 * are counted here, once all spans of a delivery are settled.
 */
export function createStoreHandler(
  retry: { readonly initialDelay: number; readonly maxDelay: number },
  deps: StoreHandlerDependencies,
): StoreHandler {
  const stored = counterOf(deps.metrics, 'spoor_spans_stored_total');
  const retries = counterOf(deps.metrics, 'spoor_ingester_retries_total');
  const writeDuration = histogramOf(deps.metrics, 'spoor_ingester_write_duration_seconds');
  // Per failing delivery: partitions are handled concurrently, and one that succeeds says nothing about another.
  const troubles = new Map<symbol, string>();

  /** Throws only rejections, and what it was interrupted with. */
  async function write(records: readonly SpanLogRecord[], signal: AbortSignal): Promise<WriteOutcome> {
    const delivery = Symbol();
    let delay = retry.initialDelay;
    try {
      for (;;) {
        const endTimer = writeDuration.startTimer();
        try {
          return await deps.writer.write(records, { signal });
        } catch (thrown) {
          const error = classify(thrown);
          if (error.kind === 'rejected' || signal.aborted) throw error;
          if (!troubles.has(delivery)) {
            deps.logger.warn(
              { code: error.code, err: error.cause },
              `the storage does not take spans: ${error.message}`,
            );
          }
          troubles.set(delivery, error.message);
        } finally {
          endTimer();
        }
        retries.inc();
        // Between half and the whole, so that several ingesters do not come back in step.
        await deps.wait(delay * (0.5 + deps.random() / 2), signal);
        delay = Math.min(delay * 2, retry.maxDelay);
      }
    } finally {
      if (troubles.delete(delivery)) deps.logger.info('the storage takes spans again, or the delivery was given up');
    }
  }

  /** One record by itself, so that what is wrong with it touches no other. */
  async function settleAlone(record: SpanLogRecord, signal: AbortSignal): Promise<Settled> {
    try {
      const { accepted, rejected } = await write([record], signal);
      return { accepted, letters: rejected.map((rejection) => ({ record, ...rejection })) };
    } catch (thrown) {
      const error = classify(thrown);
      if (error.kind !== 'rejected') throw error;
      const { message } = error;
      return { accepted: 0, letters: [{ record, reason: reasonOf(error), message, spanCount: record.spanCount }] };
    }
  }

  async function handler(records: readonly SpanLogRecord[], signal: AbortSignal): Promise<readonly DeadLetter[]> {
    let outcome: WriteOutcome | undefined;
    try {
      outcome = await write(records, signal);
    } catch (thrown) {
      const error = classify(thrown);
      if (error.kind !== 'rejected') throw error;
    }
    if (outcome !== undefined && outcome.rejected.length === 0) {
      stored.inc(outcome.accepted);
      return [];
    }
    // Something in there is not storable. Writing each record again tells which, and stores nothing twice.
    const letters: DeadLetter[] = [];
    let accepted = 0;
    for (const record of records) {
      const settled = await settleAlone(record, signal);
      accepted += settled.accepted;
      letters.push(...settled.letters);
    }
    // Only now: had it been interrupted, all of them would come again.
    stored.inc(accepted);
    for (const { reason, spanCount, message, record } of letters) {
      deps.logger.warn(
        { reason, spanCount, partition: record.partition, offset: String(record.offset) },
        `spans were set aside: ${message}`,
      );
    }
    return letters;
  }

  return { handler, trouble: () => troubles.values().next().value };
}

function reasonOf(error: SpoorError): DiscardReason {
  return error.code === 'SPOOR_REQUEST_TOO_LARGE' ? 'too_large' : 'malformed';
}
