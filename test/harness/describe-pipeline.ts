import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Kafka } from './kafka.ts';
import { foundOrSkipped, type Outside } from './outside.ts';
import { type Pipeline, type PipelineOptions, startPipeline } from './pipeline.ts';
import { type SearchServer, startElasticsearch } from './search-server.ts';
import { elasticsearchStore, type SharedStore } from './shared-store.ts';

/** What the tests of such a suite find running. */
export interface PipelineWorld<K extends Kafka> {
  readonly kafka: K;
  readonly store: SharedStore;
  readonly pipeline: Pipeline;
}

export interface PipelineSuite<K extends Kafka> extends Omit<PipelineOptions, 'kafka' | 'store' | 'topic'> {
  /** `startOwnKafka` for suites that break it. */
  readonly startKafka: () => Promise<Outside<K>>;
}

/**
 * A suite over one pipeline of processes of their own, on real Kafka and Elasticsearch: by default two collectors, 12 partitions,
 * two ingesters and a query process. They are started before the first test and put away after the last one. Where a server is
 * not to be had, the suite is skipped with the reason.
 */
export async function describePipeline<K extends Kafka>(
  name: string,
  { startKafka, ...options }: PipelineSuite<K>,
  body: (world: () => PipelineWorld<K>) => void,
): Promise<void> {
  const [kafka, search] = await Promise.all([startKafka(), startElasticsearch()]);
  let world: PipelineWorld<K> | undefined;

  afterAll(async () => {
    await world?.pipeline[Symbol.asyncDispose]();
    await world?.store[Symbol.asyncDispose]();
    for (const outside of [kafka, search]) if ('found' in outside) await outside.found.stop();
  });

  test('there are a Kafka and an Elasticsearch', (context) => {
    foundOrSkipped<Kafka>(kafka, (note) => context.skip(note));
    foundOrSkipped<SearchServer>(search, (note) => context.skip(note));
  });

  describe.skipIf('missing' in kafka || 'missing' in search)(name, () => {
    beforeAll(async () => {
      if (!('found' in kafka && 'found' in search)) throw new Error('no servers');
      const store = elasticsearchStore(search.found);
      const topic = `spans-${randomUUID().slice(0, 8)}`;
      const pipeline = await startPipeline({ ...options, kafka: kafka.found, store, topic });
      world = { kafka: kafka.found, store, pipeline };
    });
    body(() => {
      if (world === undefined) throw new Error('the pipeline did not start');
      return world;
    });
  });
}
