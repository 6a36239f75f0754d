import type { Clock, Rejection, RequestContext, SpanBatch } from '@spoor/model';
import { SpoorError, systemClock } from '@spoor/model';
import type { Logger } from 'pino';
import { type BudgetUse, ByteBudget } from '../byte-budget.ts';
import type { PartitionedBatch, SpanLog, SpanLogConsumer, SpanLogHandler } from '../span-log.ts';
import { unlessAborted, wait } from '../wait.ts';
import { type KafkaSpanLogConfig, type KafkaSpanLogOptions, kafkaSpanLogConfig } from './config.ts';
import type { KafkaDriver, OutgoingRecord } from './driver.ts';
import { kafkaError, reasonOf } from './errors.ts';
import { Gatherer } from './gatherer.ts';
import { GroupConsumer } from './group-consumer.ts';
import { RECORD_OVERHEAD_BYTES, recordOf } from './record-format.ts';

export interface KafkaSpanLogDependencies {
  readonly logger: Logger;
  readonly clock?: Clock;
  /**
   * Splits a batch that is too large for the topic into batches of at most `maxBytes`, as far as whole spans allow.
   * Without it such a batch is rejected with the reason `too_large`.
   */
  readonly split?: (batch: SpanBatch, maxBytes: number) => readonly SpanBatch[];
}

export interface KafkaSpanLog extends SpanLog {
  /** What is taken and not yet acknowledged by the brokers, for metrics. */
  use(): BudgetUse;
  /** Ready when the brokers answered for the topic when last asked. */
  readiness(): { readonly ready: boolean; readonly reason?: string };
}

const UNKNOWN_TOPIC_RETRY_MS = 500;
const MAX_ANSWER_MS = 5_000;

/**
 * The log over Kafka. An append resolves when all in-sync replicas have the records; dead letters go to a topic of their
 * own. A record is one batch; records of one partition share a record batch. Consumers of one group share the partitions.
 */
export function createKafkaSpanLog(options: KafkaSpanLogOptions, dependencies: KafkaSpanLogDependencies): KafkaSpanLog {
  const config = kafkaSpanLogConfig(options);
  const { logger, clock = systemClock, split } = dependencies;
  const maxRecordBytes = config.maxRequestBytesPerPartition - RECORD_OVERHEAD_BYTES;
  const budget = new ByteBudget(config.maxInFlightBytes, config.maxInFlightBatches);
  const gatherer = new Gatherer(budget, config, (records) => send(config.topic, records));
  // The bound on what consumers hold bounds the letters too.
  const letterBudget = new ByteBudget(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const letters = new Gatherer(letterBudget, config, (records) => send(config.deadLetterTopic, records));
  const closing = new AbortController();
  const known = Promise.withResolvers<void>();
  let partitions = 0;
  let notReady: string | undefined = 'the brokers were not asked yet';
  let opened: Promise<KafkaDriver> | undefined;
  let refreshing: Promise<void> | undefined;

  const driver = () => {
    opened ??= openDriver(config);
    return opened;
  };

  async function send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    try {
      await (await driver()).send(topic, records);
    } catch (error) {
      if (closing.signal.aborted)
        throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the process stopped before Kafka had the spans; send again', {
          cause: error,
        });
      throw kafkaError(`writing to ${topic}`, error);
    }
  }

  async function refreshPartitions(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const count = await answerOf((await driver()).partitionCount(config.topic));
        if (partitions > 0 && count !== partitions)
          logger.info({ partitions: count }, 'the number of partitions changed');
        partitions = count;
        notReady = undefined;
        known.resolve();
      } catch (error) {
        const reason = reasonOf(error);
        if (notReady !== reason && !closing.signal.aborted)
          logger.warn({ reason, topic: config.topic }, 'Kafka does not answer for the topic; it will be asked again');
        notReady = reason;
      }
      await wait(notReady === undefined ? config.metadataRefreshMs : UNKNOWN_TOPIC_RETRY_MS, closing.signal);
    }
  }

  async function answerOf<T>(question: Promise<T>): Promise<T> {
    const answer = await unlessAborted(question, AbortSignal.any([closing.signal, AbortSignal.timeout(MAX_ANSWER_MS)]));
    if (answer === 'aborted') throw new Error(`no answer within ${MAX_ANSWER_MS} ms`);
    return answer;
  }

  async function append(
    batches: readonly PartitionedBatch[],
    context: Pick<RequestContext, 'signal'>,
  ): Promise<readonly Rejection[]> {
    if (closing.signal.aborted)
      throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the process is stopping; send to another one');
    context.signal.throwIfAborted();
    const { fitting, rejections } = toFittingBatches(batches);
    if (fitting.length === 0) return rejections;
    if (partitions === 0) {
      const stop = AbortSignal.any([context.signal, closing.signal]);
      if ((await unlessAborted(known.promise, stop)) === 'aborted')
        throw new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', `Kafka does not answer: ${notReady}`, {
          retryAfterMs: 1000,
        });
    }
    for (const { partition } of fitting)
      if (partition >= partitions) throw new RangeError(`partition ${partition} of ${partitions}`);
    budget.acquire(
      fitting.reduce((sum, batch) => sum + batch.bytes.length, 0),
      fitting.length,
    );
    const written = fitting.map((batch) => gatherer.append(recordOf(batch), batch.bytes.length, context.signal));
    // Every record has its outcome before the first failure is told.
    const outcome = await unlessAborted(Promise.allSettled(written), context.signal);
    if (outcome === 'aborted')
      throw new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'Kafka did not take the spans in time; send again', {
        cause: context.signal.reason,
      });
    for (const one of outcome) if (one.status === 'rejected') throw one.reason;
    return rejections;
  }

  function toFittingBatches(batches: readonly PartitionedBatch[]): {
    fitting: PartitionedBatch[];
    rejections: Rejection[];
  } {
    const fitting: PartitionedBatch[] = [];
    const rejections: Rejection[] = [];
    for (const batch of batches) {
      const { partition } = batch;
      const pieces =
        batch.bytes.length <= maxRecordBytes
          ? [batch]
          : (split?.(batch, maxRecordBytes) ?? [batch]).map((piece) => ({ ...piece, partition }));
      for (const piece of pieces) {
        if (piece.bytes.length <= maxRecordBytes) fitting.push(piece);
        else
          rejections.push({
            reason: 'too_large',
            message: `${piece.bytes.length} bytes are more than the ${maxRecordBytes} that a record of the topic ${config.topic} may have`,
            spanCount: piece.spanCount,
          });
      }
    }
    return { fitting, rejections };
  }

  return {
    name: 'span-log',
    async start() {
      if (!closing.signal.aborted) refreshing ??= refreshPartitions();
    },
    async stop(signal) {
      if (closing.signal.aborted) return;
      closing.abort();
      const drained = Promise.all([gatherer.drain(), letters.drain()]);
      await unlessAborted(drained, signal);
      const error = new SpoorError('SPOOR_SHUTTING_DOWN', 'the process stopped before Kafka had the spans; send again');
      gatherer.abandon(error);
      letters.abandon(error);
      await refreshing;
      const closed = (await opened)?.close();
      if (closed !== undefined) await unlessAborted(closed, signal);
    },
    use: () => budget.use(),
    readiness: () => (notReady === undefined ? { ready: true } : { ready: false, reason: notReady }),
    producer: () => ({ partitionCount: () => Math.max(1, partitions), append }),
    consumer(group: string, handler: SpanLogHandler): SpanLogConsumer {
      const placeLetter = (record: OutgoingRecord, signal: AbortSignal) => {
        const bytes = record.value?.length ?? 0;
        letterBudget.acquire(bytes, 1);
        return letters.append(record, bytes, signal);
      };
      return new GroupConsumer(group, handler, config, { driver, placeLetter, logger, clock });
    },
  };
}

/** Loaded when needed: an installation runs one of them, and many run none. */
async function openDriver(config: KafkaSpanLogConfig): Promise<KafkaDriver> {
  if (config.client === 'kafkajs') return (await import('./kafkajs.ts')).createKafkajsDriver(config);
  return (await import('./platformatic.ts')).createPlatformaticDriver(config);
}
