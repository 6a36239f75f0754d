import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Kafka } from './kafka.ts';
import { foundOrSkipped, type Outside } from './outside.ts';
import { type Pipeline, type PipelineOptions, startPipeline } from './pipeline.ts';
import type { OpenSharedStore, SharedStore } from './shared-store.ts';

/** What the tests of such a suite find running. */
export interface PipelineWorld<K extends Kafka> {
  readonly kafka: K;
  readonly store: SharedStore;
  readonly pipeline: Pipeline;
}

export interface PipelineSuite<K extends Kafka> extends Omit<PipelineOptions, 'kafka' | 'store' | 'topic'> {
  /** `startOwnKafka` for suites that break it. */
  readonly startKafka: () => Promise<Outside<K>>;
  readonly openStore: OpenSharedStore;
}

/** Five processes at once. */
const START_DEADLINE_MS = 240_000;

/**
 * A suite over one pipeline of processes of their own, on a real Kafka and a real store: by default two collectors, 12 partitions,
 * two ingesters and a query process. They are started before the first test and put away after the last one. Where a server is
 * not to be had, the suite is skipped with the reason.
 */
export async function describePipeline<K extends Kafka>(
  name: string,
  { startKafka, openStore, ...options }: PipelineSuite<K>,
  body: (world: () => PipelineWorld<K>) => void,
): Promise<void> {
  const [kafka, store] = await Promise.all([startKafka(), openStore()]);
  let world: PipelineWorld<K> | undefined;

  afterAll(async () => {
    await world?.pipeline[Symbol.asyncDispose]();
    if ('found' in store) await store.found.close();
    if ('found' in kafka) await kafka.found.stop();
  });

  test('there are a Kafka and a store', (context) => {
    foundOrSkipped<Kafka>(kafka, (note) => context.skip(note));
    foundOrSkipped<SharedStore>(store, (note) => context.skip(note));
  });

  describe.skipIf('missing' in kafka || 'missing' in store)(name, () => {
    beforeAll(async () => {
      if (!('found' in kafka && 'found' in store)) throw new Error('no servers');
      const topic = `spans-${randomUUID().slice(0, 8)}`;
      const pipeline = await startPipeline({ ...options, kafka: kafka.found, store: store.found, topic });
      world = { kafka: kafka.found, store: store.found, pipeline };
    }, START_DEADLINE_MS);
    body(() => {
      if (world === undefined) throw new Error('the pipeline did not start');
      return world;
    });
  });
}
