import { randomUUID } from 'node:crypto';
import type { MetricsReader, Storage } from '@spoor/storage';
import { type OpenStore, reopening } from '@spoor/storage/contract';
import type { Kafka } from '../../harness/kafka.ts';
import { startPipeline } from '../../harness/pipeline.ts';
import type { SharedStore } from '../../harness/shared-store.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { ApiReader } from './api-reader.ts';
import { CollectorWriter } from './collector-writer.ts';

/** The spans of the suite began long ago. */
const METRICS = { SPOOR_INGESTER_METRICS_MAX_SPAN_AGE: '36500d', SPOOR_INGESTER_METRICS_LINGER: '0s' };
const TENANCY = { SPOOR_TENANCY_ENABLED: 'true' };

/**
 * A store as users have it: spans go over OTLP/HTTP to a collector, through Kafka and an ingester, and questions to the HTTP API of
 * a query process. `reopen` starts the ingester and the query process again. `openDirectly` opens the store in this process.
 */
export async function openThroughProcesses(
  kafka: Kafka,
  store: SharedStore,
  openDirectly: (store: SharedStore) => Promise<Storage>,
): Promise<OpenStore> {
  const pipeline = await startPipeline({
    kafka,
    store,
    topic: `spans-${randomUUID().slice(0, 8)}`,
    partitions: 3,
    collectors: 1,
    ingesters: 1,
    collectorEnv: { ...TENANCY, SPOOR_KAFKA_LINGER: '1ms' },
    ingesterEnv: METRICS,
    queryEnv: TENANCY,
  });
  const [collector] = pipeline.collectors;
  const [ingester] = pipeline.ingesters;
  if (collector === undefined || ingester === undefined) throw new Error('the pipeline has no processes');

  const produced = () => pipeline.collected('spoor_span_log_produced_records_total');
  const consumed = () => pipeline.ingested('spoor_span_log_consumed_records_total');
  // The counters of an ingester begin at 0 with each start.
  let consumedBefore = 0;

  /** Resolves when everything that Kafka has is stored. */
  const allStored = () =>
    waitFor(
      async () => {
        // In this order: equality says that, when the first was read, nothing that was produced by then was left.
        const done = consumedBefore + (await consumed());
        return done === (await produced());
      },
      { describe: 'an ingester that has stored everything', deadlineMs: 50_000, intervalMs: 10 },
    );

  let opened: Promise<Storage> | undefined;
  const direct = async () => {
    opened ??= openDirectly(store);
    return opened;
  };
  // The API tells rates and quantiles of them.
  const metrics: MetricsReader = {
    readMetrics: async (query, context) => (await direct()).metrics.readMetrics(query, context),
  };

  let isRunning = true;
  return reopening(
    async () => {
      if (!isRunning) {
        await Promise.all([ingester.restart(), pipeline.query.restart()]);
        isRunning = true;
      }
      const reader = new ApiReader(pipeline.query.addresses.queryHttp, async () => (await direct()).reader);
      const writer = new CollectorWriter(collector.addresses.otlpHttp, async () => {
        await allStored();
        reader.forget();
      });
      return {
        writer,
        reader,
        dependencies: reader,
        metrics,
        metricsSlices: undefined,
        async stop() {
          await allStored();
          consumedBefore = await produced();
          await Promise.all([ingester.stop(), pipeline.query.stop()]);
          isRunning = false;
        },
      };
    },
    async () => {
      const letters = await pipeline.deadLetters();
      await pipeline[Symbol.asyncDispose]();
      await (await opened)?.stop(new AbortController().signal);
      if (letters.length > 0) throw new Error(`${letters.length} records were set aside: ${letters[0]?.message}`);
    },
  );
}
