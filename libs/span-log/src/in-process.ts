import type { Clock, Rejection, RequestContext } from '@spoor/model';
import { SpoorError, systemClock } from '@spoor/model';
import type { Registry } from 'prom-client';
import type { BudgetUse } from './byte-budget.ts';
import { ByteBudget } from './byte-budget.ts';
import { InProcessPartition } from './in-process-partition.ts';
import { createLogMetrics } from './log-metrics.ts';
import type { PartitionedBatch, SpanLog, SpanLogConsumer, SpanLogHandler, SpanLogProducer } from './span-log.ts';
import { unlessAborted } from './wait.ts';

export interface InProcessSpanLogConfig {
  /** Partitions are worked concurrently. One is enough for a store that gathers what comes into one commit. */
  readonly partitions: number;
  /** Bound on what waits to be stored, in bytes of batches. */
  readonly maxBytes: number;
  /** Bound on what waits to be stored, in batches. */
  readonly maxBatches: number;
  /** Bound on what one call of the handler gets, in bytes of batches; a larger batch comes alone. */
  readonly maxDeliveryBytes: number;
}

export const IN_PROCESS_SPAN_LOG_DEFAULTS: InProcessSpanLogConfig = {
  partitions: 1,
  maxBytes: 64 * 1024 * 1024,
  maxBatches: 10_000,
  maxDeliveryBytes: 8 * 1024 * 1024,
};

export interface InProcessSpanLogDependencies {
  readonly clock?: Clock;
  /** Where records, spans and dead letters are counted. */
  readonly metrics?: Registry;
}

export interface InProcessSpanLog extends SpanLog {
  /** What waits, for metrics. */
  use(): BudgetUse;
}

/**
 * The log of a single process. It keeps nothing: an append resolves only when the consumer's handler has stored the spans, so
 * the sender's acknowledgement is the durability. There is one consumer; appends wait for it when it is not there yet.
 */
export function createInProcessSpanLog(
  config: Partial<InProcessSpanLogConfig> = {},
  { clock = systemClock, metrics }: InProcessSpanLogDependencies = {},
): InProcessSpanLog {
  const settings = { ...IN_PROCESS_SPAN_LOG_DEFAULTS, ...config };
  const budget = new ByteBudget(settings.maxBytes, settings.maxBatches);
  const counters = createLogMetrics(metrics);
  const partitions = Array.from(
    { length: settings.partitions },
    () => new InProcessPartition(budget, settings.maxDeliveryBytes, counters),
  );
  let closed = false;

  const producer: SpanLogProducer = {
    partitionCount: () => partitions.length,
    append: (batches, context) => append(batches, context),
  };

  async function append(
    batches: readonly PartitionedBatch[],
    context: Pick<RequestContext, 'signal'>,
  ): Promise<readonly Rejection[]> {
    if (closed) throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the process is stopping; send to another one');
    context.signal.throwIfAborted();
    const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
    budget.acquire(bytes, batches.length);
    const appendedAtMs = clock.nowMs();
    const stored = batches.map((batch) => partitionOf(batch).append(batch, appendedAtMs));
    const rejections = await unlessAborted(Promise.all(stored), context.signal);
    if (rejections === 'aborted')
      throw new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the spans were not stored in time; send again', {
        cause: context.signal.reason,
      });
    return rejections.flat();
  }

  function partitionOf(batch: PartitionedBatch): InProcessPartition {
    const partition = partitions[batch.partition];
    if (partition === undefined) throw new RangeError(`partition ${batch.partition} of ${partitions.length}`);
    return partition;
  }

  return {
    name: 'span-log',
    async start() {},
    async stop() {
      closed = true;
      for (const partition of partitions) partition.abandon();
    },
    use: () => budget.use(),
    producer: () => producer,
    consumer: (group, handler) => createConsumer(group, handler, partitions, clock),
  };
}

function createConsumer(
  group: string,
  handler: SpanLogHandler,
  partitions: readonly InProcessPartition[],
  clock: Clock,
): SpanLogConsumer {
  const stopping = new AbortController();
  return {
    name: `span-log consumer ${group}`,
    async start() {
      for (const partition of partitions) partition.deliverTo(handler, stopping.signal);
    },
    async stop(signal) {
      const drained = Promise.all(partitions.map((partition) => partition.idle()));
      await unlessAborted(drained, signal);
      stopping.abort();
      await drained;
    },
    lag() {
      const lags = partitions.map((partition) => partition.lag());
      const oldestMs = Math.min(...lags.map((lag) => lag.oldestMs ?? Number.POSITIVE_INFINITY));
      return {
        records: lags.reduce((sum, { records }) => sum + records, 0),
        spans: lags.reduce((sum, { spans }) => sum + spans, 0),
        bytes: lags.reduce((sum, { bytes }) => sum + bytes, 0),
        seconds: Number.isFinite(oldestMs) ? Math.max(0, clock.nowMs() - oldestMs) / 1000 : 0,
      };
    },
    // It cannot stand still: what waits is in this very process, and the handler tells of its storage.
    readiness: () => ({ ready: true }),
  };
}
