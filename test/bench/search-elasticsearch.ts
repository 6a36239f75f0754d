import { encodeTraces } from '@spoor/otlp';
import { createElasticsearchStorage, elasticsearchConfig, type LayoutName } from '@spoor/storage-elasticsearch';
import pino from 'pino';
import { Registry } from 'prom-client';
import { processUsage, startElasticsearchInJava, waitFor } from '../harness/index.ts';
import type { BenchContext, BenchResult } from './bench.ts';
import { rounded } from './bench.ts';
import { SEARCH_SERVER_JAVA_ARGS } from './ingester-search.ts';
import { productionSpans } from './production-spans.ts';
import type { Stored } from './search-questions.ts';
import { askStore } from './search-questions.ts';

const SPANS_PER_BATCH = 500;
const BATCHES_AT_ONCE = 4;
const HOUR_MS = 3_600_000;

/**
 * Searches and look-ups in a real Elasticsearch, with the server's and the product's part of the time. The spans lie in the last
 * hours, in one shard a day without a copy, merged by the server as it does by itself. `serverCpuMs` and `cpuMs` are what a question
 * costs the server and this process, whatever else the machine does.
 */
export async function benchSearchElasticsearch(
  layout: LayoutName,
  spans: number,
  { report, note }: BenchContext,
): Promise<void> {
  const outside = await startElasticsearchInJava({ javaArgs: SEARCH_SERVER_JAVA_ARGS });
  if ('missing' in outside) throw new Error(`${outside.missing}. ${outside.remedy}`);
  const server = outside.found;
  const { signal } = new AbortController();
  const storage = createElasticsearchStorage(
    elasticsearchConfig({ servers: [server.url], layout, shards: 1, replicas: 0, timeout: '10m' }),
    { logger: pino({ level: 'silent' }), metrics: new Registry(), clock: { nowMs: Date.now } },
  );
  try {
    await storage.start();
    await waitFor(() => storage.readiness().ready, { describe: 'a ready store', deadlineMs: 60_000 });
    note(`search: storing ${spans} spans as ${layout}`);
    const startUnixNano = BigInt(Date.now() - HOUR_MS) * 1_000_000n;
    const nextSpans = productionSpans({ seed: 5, startTimeUnixNano: startUnixNano });
    const stored = { startUnixNano, endUnixNano: startUnixNano, traceIds: [] as string[] };
    let left = spans;
    const lane = async () => {
      while (left > 0) {
        left -= SPANS_PER_BATCH;
        const batch = nextSpans(SPANS_PER_BATCH);
        const { traceId, startTimeUnixNano } = batch[0]!;
        stored.traceIds.push(traceId);
        if (startTimeUnixNano > stored.endUnixNano) stored.endUnixNano = startTimeUnixNano;
        const bytes = encodeTraces(batch);
        await storage.writer.write([{ tenant: 'default', encoding: 'otlp_proto', spanCount: batch.length, bytes }], {
          signal,
        });
      }
    };
    await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, lane));
    const response = await fetch(`${server.url}/_refresh`, { method: 'POST' });
    await response.body?.cancel();
    note(`search: asking ${layout}`);
    const facts = { spans, version: server.version };
    let before = cpuOf(server.pid);
    const tell = ({ case: question, ...measures }: BenchResult) => {
      const now = cpuOf(server.pid);
      const msAQuestion = (seconds: number) => rounded((seconds * 1000) / Number(measures['questions']));
      const cpu = { serverCpuMs: msAQuestion(now.server - before.server), cpuMs: msAQuestion(now.own - before.own) };
      report({ case: `elasticsearch-${layout}`, question, ...facts, ...measures, ...cpu });
      before = cpuOf(server.pid);
    };
    await askStore(storage, stored satisfies Stored, tell, 1);
  } finally {
    await storage.stop(signal);
    await server.stop();
  }
}

/** CPU-seconds so far, of the server and of this process. */
function cpuOf(pid: number): { readonly server: number; readonly own: number } {
  const { user, system } = process.cpuUsage();
  return { server: processUsage(pid).cpuSeconds, own: (user + system) / 1e6 };
}
