import { counterOf, histogramOf } from '@spoor/metrics';
import { Registry } from 'prom-client';
import type { DeadLetter } from './span-log.ts';

/** What a record counts as. */
export interface Counted {
  readonly records: number;
  readonly spans: number;
}

/** What a log counts, whichever it is. Each thing is counted when it has happened, never before. */
export interface LogMetrics {
  /** The log is responsible for them. */
  produced(counted: Counted): void;
  /** Handed to the handler, for the first time or again. */
  delivered(records: number, bytes: number): void;
  /** Stored or set aside. */
  consumed(counted: Counted): void;
  /** The letter is where it belongs: in its topic, or told to the appender. */
  deadLettered(letter: Pick<DeadLetter, 'reason' | 'spanCount'>): void;
  /** Partitions were found that do not move. */
  stalled(partitions: number): void;
  /** Begins a send to the brokers. What it gives is called when they have everything. */
  sending(records: number, bytes: number): () => void;
}

/** Without a registry the counters are there and nobody sees them. */
export function createLogMetrics(registry: Registry = new Registry()): LogMetrics {
  const producedRecords = counterOf(registry, 'spoor_span_log_produced_records_total');
  const producedSpans = counterOf(registry, 'spoor_span_log_produced_spans_total');
  const consumedRecords = counterOf(registry, 'spoor_span_log_consumed_records_total');
  const consumedSpans = counterOf(registry, 'spoor_span_log_consumed_spans_total');
  const deadSpans = counterOf(registry, 'spoor_spans_dead_lettered_total');
  const deadRecords = counterOf(registry, 'spoor_records_dead_lettered_total');
  const deliveryRecords = histogramOf(registry, 'spoor_span_log_delivery_records');
  const deliveryBytes = histogramOf(registry, 'spoor_span_log_delivery_bytes');
  const stalls = counterOf(registry, 'spoor_span_log_stalls_total');
  const sendDuration = histogramOf(registry, 'spoor_span_log_send_duration_seconds');
  const sendRecords = histogramOf(registry, 'spoor_span_log_send_records');
  const sendBytes = histogramOf(registry, 'spoor_span_log_send_bytes');
  return {
    produced({ records, spans }) {
      producedRecords.inc(records);
      producedSpans.inc(spans);
    },
    delivered(records, bytes) {
      deliveryRecords.observe(records);
      deliveryBytes.observe(bytes);
    },
    consumed({ records, spans }) {
      consumedRecords.inc(records);
      consumedSpans.inc(spans);
    },
    deadLettered({ reason, spanCount }) {
      deadRecords.inc({ reason });
      deadSpans.inc({ reason }, spanCount);
    },
    stalled: (partitions) => stalls.inc(partitions),
    sending(records, bytes) {
      sendRecords.observe(records);
      sendBytes.observe(bytes);
      const endTimer = sendDuration.startTimer();
      return () => void endTimer();
    },
  };
}

/** Of records as handlers get them. */
export function countOf(records: readonly { readonly spanCount: number }[]): Counted {
  return { records: records.length, spans: records.reduce((sum, { spanCount }) => sum + spanCount, 0) };
}
