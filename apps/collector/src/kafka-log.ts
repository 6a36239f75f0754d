import { SPAN_CODECS } from '@spoor/encodings';
import { counterOf, histogramOf } from '@spoor/metrics';
import { type Clock, SpoorError } from '@spoor/model';
import {
  createKafkaSpanLog,
  type KafkaSettings,
  type KafkaSpanLog,
  kafkaOptionsOf,
  type SpanLogProducer,
} from '@spoor/span-log';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { splitBatch } from './split-batch.ts';

export interface KafkaLogDependencies {
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
}

/** The span log over Kafka as a collector wants it: splits what is too large, lets no sender wait for long, and is metered. */
export function openKafkaLog(settings: KafkaSettings, { logger, metrics, clock }: KafkaLogDependencies): KafkaSpanLog {
  const log = createKafkaSpanLog(kafkaOptionsOf(settings), {
    logger,
    metrics,
    clock,
    split: splitBatch,
    codecs: SPAN_CODECS,
  });
  const discarded = counterOf(metrics, 'spoor_spans_discarded_total');
  const duration = histogramOf(metrics, 'spoor_span_log_append_duration_seconds');

  const written = log.producer();
  const producer: SpanLogProducer = {
    partitionCount: () => written.partitionCount(),
    async append(batches, { signal }) {
      const endTimer = duration.startTimer();
      const rejections = await within(settings.maxWait, signal, (bounded) =>
        written.append(batches, { signal: bounded }),
      );
      endTimer();
      for (const { reason, spanCount } of rejections) discarded.inc({ reason, stage: 'span-log' }, spanCount);
      return rejections;
    },
  };
  return { ...log, producer: () => producer };
}

/** The signal aborts with the given one, or after the time. */
async function within<T>(ms: number, outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const inner = new AbortController();
  const onAbort = () => inner.abort(outer.reason);
  if (outer.aborted) onAbort();
  outer.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(
    () =>
      inner.abort(
        new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', `Kafka did not answer within ${ms} ms; send again later`, {
          retryAfterMs: 1000,
        }),
      ),
    ms,
  );
  try {
    return await work(inner.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', onAbort);
  }
}
