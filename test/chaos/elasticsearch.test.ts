import { LAYOUT_NAMES } from '@spoor/storage-elasticsearch';
import { expect, test } from 'vitest';
import { createFatedRequests } from '../fixtures/fated-requests.ts';
import { accountFor } from '../harness/account.ts';
import { describePipeline } from '../harness/describe-pipeline.ts';
import { type OwnSearchServer, startKafka, startOwnElasticsearch, waitFor } from '../harness/index.ts';
import { startLoad } from '../harness/load.ts';
import { storeOn } from '../harness/shared-elasticsearch.ts';

const BULKS = 'spoor_elasticsearch_bulk_requests_total';
const ITEMS = 'spoor_elasticsearch_bulk_items_total';
const DEADLINE_MS = 90_000;
const TEST_DEADLINE_MS = 240_000;
const FLOOD_LANES = 8;

// One thread that writes and room for one request that waits: whoever sends more is refused with 429.
const outside = await startOwnElasticsearch({
  settings: { 'thread_pool.write.size': '1', 'thread_pool.write.queue_size': '1' },
});

// The first one stops the server, because what is opened last is put away first.
for (const layout of LAYOUT_NAMES) {
  await describePipeline(
    `an ingester over an Elasticsearch that fails, layout ${layout}`,
    {
      startKafka,
      openStore: async () =>
        'missing' in outside
          ? outside
          : {
              found: storeOn(layout === LAYOUT_NAMES[0] ? outside.found : { ...outside.found, stop: async () => {} }, {
                SPOOR_STORAGE_ELASTICSEARCH_LAYOUT: layout,
                SPOOR_STORAGE_ELASTICSEARCH_SHARDS: '2',
                // What hangs is found out soon.
                SPOOR_STORAGE_ELASTICSEARCH_TIMEOUT: '4s',
                SPOOR_STORAGE_ELASTICSEARCH_BULK_RETRY_FOR: '2s',
              }),
            },
      collectors: 1,
      ingesters: 1,
      partitions: 4,
    },
    (world) => {
      const server = 'found' in outside ? outside.found : undefined;
      let seed = 100;

      /** Load while `trouble` comes, is noticed and goes; then everything that was acknowledged must be there, once. */
      async function survives(trouble: (server: OwnSearchServer) => Promise<void>): Promise<void> {
        const { pipeline, store } = world();
        const load = startLoad({
          receivers: pipeline.collectors.map(({ addresses }) => addresses),
          next: createFatedRequests((seed += 1), { withUnstorable: false }),
          lanes: 4,
          pauseMs: 50,
        });
        await load.takes(20);
        await trouble(server!);
        await load.takes(20);
        await load.finish();
        const ours = new Set(load.acknowledged.map(({ traceId }) => traceId));
        const account = async () => {
          const stored = [...(await store.storedSpans())].filter(([traceId]) => ours.has(traceId));
          return accountFor(load.acknowledged, new Map(stored), await pipeline.deadLetters());
        };
        await waitFor(async () => (await account()).missing.length === 0, {
          describe: 'every acknowledged span in the store',
          deadlineMs: DEADLINE_MS,
          intervalMs: 500,
        }).catch(() => undefined);
        const { missing, duplicated, unexpected, received, stored, rejected } = await account();
        expect({ missing, duplicated, unexpected }).toEqual({ missing: [], duplicated: [], unexpected: [] });
        expect(stored).toBeGreaterThan(0);
        expect(received).toBe(stored + rejected);
        expect(await pipeline.deadLetters()).toEqual([]);
      }

      /** Resolves when the ingester has counted that many more of these. */
      async function noticed(metric: string, labels: Record<string, string>, more = 1): Promise<void> {
        const { pipeline } = world();
        const before = await pipeline.ingested(metric, labels);
        await waitFor(async () => (await pipeline.ingested(metric, labels)) >= before + more, {
          describe: `${metric} ${JSON.stringify(labels)}`,
          deadlineMs: DEADLINE_MS,
        });
      }

      async function call(method: string, path: string, body?: unknown): Promise<Response> {
        const response = await fetch(`${server!.url}${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
        });
        if (!response.ok && response.status !== 429) throw new Error(`${path}: ${await response.text()}`);
        return response;
      }

      async function spanIndex(): Promise<string> {
        const prefix = world().store.settings['SPOOR_STORAGE_ELASTICSEARCH_INDEX_PREFIX'];
        const found = (await (await call('GET', `/${prefix}-spoor-span-*`)).json()) as object;
        return Object.keys(found).at(-1) ?? '';
      }

      test(
        'the server is killed and comes back',
        () =>
          survives(async ({ kill, revive }) => {
            const failing = noticed(BULKS, { result: 'failed' }, 2);
            await kill();
            await failing;
            await revive();
          }),
        TEST_DEADLINE_MS,
      );

      // What comes now is no matter of the layout.
      if (layout === 'jaeger') return;

      test(
        'others keep the server so busy that it refuses us',
        () =>
          survives(async () => {
            const line = `{"create":{"_index":"flood"}}\n${JSON.stringify({ text: 'x'.repeat(500) })}\n`;
            let isOver = false;
            const lanes = Array.from({ length: FLOOD_LANES }, async () => {
              while (!isOver) await (await call('POST', '/_bulk', line.repeat(1_000))).text();
            });
            await noticed(ITEMS, { outcome: 'retried' }, 10).finally(() => {
              isOver = true;
            });
            await Promise.all(lanes);
            await call('DELETE', '/flood');
          }),
        TEST_DEADLINE_MS,
      );

      test(
        'the disk fills up, and indices may only be read until there is room again',
        () =>
          survives(async () => {
            const index = await spanIndex();
            const block = (isBlocked: boolean | null) =>
              call('PUT', `/${index}/_settings`, { 'index.blocks.read_only_allow_delete': isBlocked });
            const refused = noticed(ITEMS, { outcome: 'retried' }, 10);
            await block(true);
            await refused;
            await block(null);
          }),
        TEST_DEADLINE_MS,
      );

      test(
        'one shard of two is away',
        () =>
          survives(async ({ kill, revive, renameData }) => {
            const rows = (await (
              await call('GET', `/_cat/indices/${await spanIndex()}?format=json&h=uuid`)
            ).json()) as {
              uuid: string;
            }[];
            const shard = `indices/${rows[0]?.uuid}/1`;
            await kill();
            await renameData(shard, `${shard}-away`);
            await revive({ shardsMayMiss: true });
            // The other shard takes what is its own.
            await noticed(BULKS, { result: 'partly' }, 2);
            await kill();
            await renameData(`${shard}-away`, shard);
            await revive();
          }),
        TEST_DEADLINE_MS,
      );
    },
  );
}
