import { reportValue } from '@spoor/metrics';
import type { Clock, Rejection, RequestContext, SpanBatch } from '@spoor/model';
import { SpoorError, systemClock } from '@spoor/model';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { type BudgetUse, ByteBudget } from '../byte-budget.ts';
import { createLogMetrics } from '../log-metrics.ts';
import type {
  PartitionedBatch,
  SpanLog,
  SpanLogConsumer,
  SpanLogConsumerOptions,
  SpanLogHandler,
} from '../span-log.ts';
import { unlessAborted, wait } from '../wait.ts';
import { BatchLimit, sizeOf } from './batch-limit.ts';
import { type KafkaSpanLogConfig, type KafkaSpanLogOptions, kafkaSpanLogConfig } from './config.ts';
import type { KafkaDriver, OutgoingRecord, SendFailed } from './driver.ts';
import type { RecordCodecs } from './encodings.ts';
import { isTooLarge, kafkaError, reasonOf } from './errors.ts';
import { Gatherer } from './gatherer.ts';
import { GroupConsumer } from './group-consumer.ts';
import { createOutgoing, type OutgoingRecords } from './outgoing.ts';
import { Reachability } from './reachability.ts';

export interface KafkaSpanLogDependencies {
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Where the log counts what it does, and reports what waits. One log a registry. */
  readonly metrics?: Registry;
  /**
   * Splits a batch that is too large for the topic into batches of at most `maxBytes`, as far as whole spans allow.
   * Without it such a batch is rejected with the reason `too_large`.
   */
  readonly split?: (batch: SpanBatch, maxBytes: number) => readonly SpanBatch[];
  /** The encodings besides `otlp_proto`. Records in one that is not among them become dead letters. */
  readonly codecs?: RecordCodecs;
}

export interface KafkaSpanLog extends SpanLog {
  /** What is taken and not yet acknowledged by the brokers, for metrics. */
  use(): BudgetUse;
  /** Ready while the brokers answer for the topic and take what is sent. */
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
  const { logger, clock = systemClock, metrics = new Registry(), split, codecs = {} } = dependencies;
  const budget = new ByteBudget(config.maxInFlightBytes, config.maxInFlightBatches);
  const { lingerMs } = config;
  const limit = new BatchLimit(config);
  const gatherer = new Gatherer(budget, { lingerMs, limit }, (records) => send(config.topic, records));
  // The bound on what consumers hold bounds the letters too.
  const letterBudget = new ByteBudget(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const letterLimit = new BatchLimit(config);
  const lettersSettings = { lingerMs, limit: letterLimit };
  const letters = new Gatherer(letterBudget, lettersSettings, (records) => send(config.deadLetterTopic, records));
  const limits = [
    { topic: config.topic, limit },
    { topic: config.deadLetterTopic, limit: letterLimit },
  ];
  const counters = createLogMetrics(metrics);
  const consumers: GroupConsumer[] = [];
  const reachability = new Reachability();
  const closing = new AbortController();
  const known = Promise.withResolvers<void>();
  let partitions = 0;
  let nextLimitsMs = 0;
  let leaderless: ReadonlySet<number> = new Set();
  let opened: Promise<KafkaDriver> | undefined;
  /** Ends the wait for the next question, where all was well when it began. */
  let askNow: () => void = () => {};
  let refreshing: Promise<void> | undefined;

  const driver = () => {
    opened ??= openDriver(config, sendFailed);
    return opened;
  };

  function sendFailed(error: unknown): void {
    const reason = reasonOf(error);
    if (reachability.reason() === undefined && !closing.signal.aborted)
      logger.warn({ reason, topic: config.topic }, 'Kafka does not take what is sent; it will be tried again');
    if (isTooLarge(reason)) nextLimitsMs = 0;
    reachability.sendFailed(reason);
    askNow();
  }

  async function send(topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const isOfSpans = topic === config.topic;
    const ended = isOfSpans ? counters.sending(records.length, bytesOf(records)) : undefined;
    let wasTaken = false;
    reachability.sendBegan();
    try {
      const compression = isOfSpans ? config.compression : letterLimit.compressionFor(records);
      await (await driver()).send(topic, records, compression);
      wasTaken = true;
      ended?.();
    } catch (error) {
      // A dead-letter topic that is missing says nothing about the brokers.
      if (isOfSpans) sendFailed(error);
      if (closing.signal.aborted)
        throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the process stopped before Kafka had the spans; send again', {
          cause: error,
        });
      throw kafkaError(`writing to ${topic}`, error);
    } finally {
      reachability.sendEnded(wasTaken);
    }
  }

  async function refreshPartitions(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const told = await answerOf((await driver()).partitions(config.topic));
        if (partitions > 0 && told.count !== partitions)
          logger.info({ partitions: told.count }, 'the number of partitions changed');
        tellLeaderless(told.leaderless);
        partitions = told.count;
        leaderless = told.leaderless;
        await learnLimits();
        reachability.answered();
        known.resolve();
      } catch (error) {
        const reason = reasonOf(error);
        if (reachability.reason() !== reason && !closing.signal.aborted)
          logger.warn({ reason, topic: config.topic }, 'Kafka does not answer for the topic; it will be asked again');
        reachability.notAnswered(reason);
      }
      const isWell = reachability.reason() === undefined && leaderless.size === 0;
      const woken = new AbortController();
      if (isWell) askNow = () => woken.abort();
      await wait(
        isWell ? config.metadataRefreshMs : UNKNOWN_TOPIC_RETRY_MS,
        AbortSignal.any([closing.signal, woken.signal]),
      );
    }
  }

  /** Where we may not ask, what is set counts alone. */
  async function learnLimits(): Promise<void> {
    if (clock.nowMs() < nextLimitsMs) return;
    nextLimitsMs = clock.nowMs() + config.metadataRefreshMs;
    for (const { topic, limit } of limits) {
      try {
        const told = await answerOf((await driver()).maxMessageBytes(topic));
        const hasChanged = limit.learned(told);
        const about = { topic, maxMessageBytes: told, maxBatchBytes: limit.bytes };
        if (hasChanged) logger.info(about, 'the size of record batches follows what the topic takes');
      } catch (error) {
        logger.debug({ topic, reason: reasonOf(error) }, 'the topic does not tell how large its record batches may be');
      }
    }
  }

  function tellLeaderless(found: ReadonlySet<number>): void {
    const [before, now] = [leaderless, found].map((some) => [...some].join(', '));
    if (before === now) return;
    if (found.size === 0) logger.info({ topic: config.topic }, 'every partition has a leader again');
    else logger.warn({ topic: config.topic, partitions: [...found] }, 'partitions have no leader; their senders wait');
  }

  async function answerOf<T>(question: Promise<T>): Promise<T> {
    const answer = await unlessAborted(question, AbortSignal.any([closing.signal, AbortSignal.timeout(MAX_ANSWER_MS)]));
    if (answer === 'aborted') throw new Error(`no answer within ${MAX_ANSWER_MS} ms`);
    return answer;
  }

  async function append(
    outgoing: (batches: readonly PartitionedBatch[], partitionCount: number) => OutgoingRecords,
    batches: readonly PartitionedBatch[],
    context: Pick<RequestContext, 'signal'>,
  ): Promise<readonly Rejection[]> {
    if (closing.signal.aborted)
      throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the process is stopping; send to another one');
    context.signal.throwIfAborted();
    if (batches.length === 0) return [];
    if (partitions === 0) {
      const stop = AbortSignal.any([context.signal, closing.signal]);
      if ((await unlessAborted(known.promise, stop)) === 'aborted')
        throw new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', `Kafka does not answer: ${reachability.reason()}`, {
          retryAfterMs: 1000,
        });
    }
    for (const { partition } of batches)
      if (partition >= partitions) throw new RangeError(`partition ${partition} of ${partitions}`);
    const { records, rejections } = outgoing(batches, partitions);
    if (records.length === 0) return rejections;
    // Before anything is written, since the sender will send all of it again.
    for (const { record } of records)
      if (leaderless.has(record.partition)) throw hasNoLeader(config.topic, record.partition);
    budget.acquire(
      records.reduce((sum, { bytes }) => sum + bytes, 0),
      records.length,
    );
    const written = records.map(async ({ record, bytes, spanCount }) => {
      await gatherer.append(record, bytes, context.signal);
      counters.produced({ records: 1, spans: spanCount });
    });
    // Every record has its outcome before the first failure is told.
    const outcome = await unlessAborted(Promise.allSettled(written), context.signal);
    if (outcome === 'aborted')
      throw new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'Kafka did not take the spans in time; send again', {
        cause: context.signal.reason,
      });
    for (const one of outcome) if (one.status === 'rejected') throw one.reason;
    return rejections;
  }

  reportValue(metrics, 'spoor_span_log_bytes', () => budget.use().bytes);
  reportValue(metrics, 'spoor_span_log_batches', () => budget.use().items);
  reportValue(metrics, 'spoor_span_log_high_water_bytes', () => budget.use().highWaterBytes);
  reportValue(metrics, 'spoor_span_log_refusals_total', () => budget.use().refusals);
  const fetched = (what: 'bytes' | 'highWaterBytes') =>
    consumers.reduce((sum, consumer) => sum + consumer.fetched()[what], 0);
  reportValue(metrics, 'spoor_span_log_fetched_bytes', () => fetched('bytes'));
  reportValue(metrics, 'spoor_span_log_fetched_high_water_bytes', () => fetched('highWaterBytes'));

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
    readiness() {
      const reason = reachability.reason();
      return reason === undefined ? { ready: true } : { ready: false, reason };
    },
    producer() {
      const outgoing = createOutgoing(config, limit, { split, codecs });
      return {
        partitionCount: () => Math.max(1, partitions),
        append: (batches, context) => append(outgoing, batches, context),
      };
    },
    consumer(group: string, handler: SpanLogHandler, options?: SpanLogConsumerOptions): SpanLogConsumer {
      const placeLetter = (record: OutgoingRecord, signal: AbortSignal) => {
        const bytes = sizeOf(record);
        letterBudget.acquire(bytes, 1);
        return letters.append(record, bytes, signal);
      };
      const dependencies = { driver, placeLetter, codecs, logger, metrics: counters, clock };
      const consumer = new GroupConsumer(group, handler, config, dependencies, options);
      consumers.push(consumer);
      return consumer;
    },
  };
}

/** Loaded when needed: an installation runs one of them, and many run none. */
async function openDriver(config: KafkaSpanLogConfig, sendFailed: SendFailed): Promise<KafkaDriver> {
  if (config.client === 'kafkajs') return (await import('./kafkajs.ts')).createKafkajsDriver(config, sendFailed);
  return (await import('./platformatic.ts')).createPlatformaticDriver(config, sendFailed);
}

function hasNoLeader(topic: string, partition: number): SpoorError {
  const message = `partition ${partition} of ${topic} has no leader; start the broker that has it, or give it replicas`;
  return new SpoorError('SPOOR_SPAN_LOG_UNAVAILABLE', message, { retryAfterMs: 1000 });
}

function bytesOf(records: readonly OutgoingRecord[]): number {
  return records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
}
