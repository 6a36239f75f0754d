import { setTimeout as sleep } from 'node:timers/promises';
import type { SpanBatch } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import {
  createElasticsearchStorage,
  elasticsearchConfig,
  LAYOUT_NAMES,
  type LayoutName,
} from '@spoor/storage-elasticsearch';
import pino from 'pino';
import { Registry } from 'prom-client';
import {
  type JavaSearchServer,
  processUsage,
  startElasticsearchInJava,
  startOpenSearchInJava,
} from '../harness/index.ts';
import type { Bench } from './bench.ts';
import { rounded } from './bench.ts';
import { SEARCH_SERVER_JAVA_ARGS } from './ingester-search.ts';
import { productionSpans } from './production-spans.ts';

const DEFAULT_SPANS = 300_000;
const DEFAULT_ROUNDS = 4;
const WARM_UP_SPANS = 150_000;
const SPANS_PER_BATCH = 500;
const BATCHES_AT_ONCE = 8;
/** People look, so that the server makes what was written visible as it goes: one that nobody asks puts it off. */
const SEARCH_INTERVAL_MS = 5_000;
/**
 * What a span costs the server in either layout: a real server in a process of its own, one shard and no copy, the product's own
 * writer, spans of 11 attributes with 12 of the resource as various as those of a middling installation. After both layouts have
 * warmed it up they take turns, each round into an index of its own. CPU is all that the server used until everything was
 * written, merged by itself and flushed; bytes and documents are those on disk after merging to one segment. `ratio` is spoor by
 * jaeger. `--spans=`, `--rounds=`, `--flavour=opensearch` change what is measured.
 */
export const benchLayout: Bench = async ({ option, wants, report, note }) => {
  const spans = Number(option('spans') ?? DEFAULT_SPANS);
  const rounds = Number(option('rounds') ?? DEFAULT_ROUNDS);
  const flavour = option('flavour') ?? 'elasticsearch';
  const outside = await (flavour === 'opensearch' ? startOpenSearchInJava : startElasticsearchInJava)({
    javaArgs: SEARCH_SERVER_JAVA_ARGS,
  });
  if ('missing' in outside) throw new Error(`${outside.missing}. ${outside.remedy}`);
  const server = outside.found;
  try {
    const measured: Record<LayoutName, Costs[]> = { spoor: [], jaeger: [] };
    for (const layout of LAYOUT_NAMES) {
      note(`layout: warming up with ${WARM_UP_SPANS} spans as ${layout}`);
      await measure(server, layout, WARM_UP_SPANS, 0);
    }
    for (let round = 1; round <= rounds; round += 1) {
      for (const layout of LAYOUT_NAMES) {
        note(`layout: round ${round}, ${spans} spans as ${layout}`);
        measured[layout].push(await measure(server, layout, spans, round));
      }
    }
    const jaeger = meanOf(measured.jaeger);
    const spoor = meanOf(measured.spoor);
    const facts = { spans, rounds, flavour, version: server.version };
    for (const [name, costs] of Object.entries({ jaeger, spoor })) {
      if (!wants(name)) continue;
      report({
        case: name,
        ...facts,
        serverCpuSecondsPerMillionSpans: rounded(costs.cpuSeconds * 1e6),
        mergeCpuSecondsPerMillionSpans: rounded(costs.mergeCpuSeconds * 1e6),
        documentsPerSpan: rounded(costs.documents),
        bytesPerSpan: rounded(costs.bytes),
      });
    }
    if (wants('ratio'))
      report({
        case: 'ratio',
        ...facts,
        cpu: rounded(spoor.cpuSeconds / jaeger.cpuSeconds),
        bytes: rounded(spoor.bytes / jaeger.bytes),
      });
  } finally {
    await server.stop();
  }
};

/** Of one span. */
interface Costs {
  readonly cpuSeconds: number;
  /** Of merging everything to one segment. */
  readonly mergeCpuSeconds: number;
  /** Of Lucene: a nested object is one as well. */
  readonly documents: number;
  readonly bytes: number;
}

async function measure(
  { url, pid }: JavaSearchServer,
  layout: LayoutName,
  spans: number,
  round: number,
): Promise<Costs> {
  const indexPrefix = `bench-${layout}-${round}`;
  const storage = createElasticsearchStorage(
    elasticsearchConfig({ servers: [url], indexPrefix, layout, shards: 1, replicas: 0 }),
    { logger: pino({ level: 'silent' }), metrics: new Registry(), clock: { nowMs: Date.now } },
  );
  const nextSpans = productionSpans({ seed: round + 1, startTimeUnixNano: BigInt(Date.now()) * 1_000_000n });
  const { signal } = new AbortController();
  await storage.start();
  const indices = `${url}/${indexPrefix}-${layout}-span-*`;
  const before = processUsage(pid).cpuSeconds;
  let left = spans;
  const lane = async () => {
    while (left > 0) {
      const count = Math.min(left, SPANS_PER_BATCH);
      left -= count;
      const batch: SpanBatch = {
        tenant: 'default',
        encoding: 'otlp_proto',
        spanCount: count,
        bytes: encodeTraces(nextSpans(count)),
      };
      const { rejected } = await storage.writer.write([batch], { signal });
      if (rejected.length > 0) throw new Error(`the store refused spans: ${JSON.stringify(rejected[0])}`);
    }
  };
  const ended = new AbortController();
  const looking = lookNowAndThen(`${indices}/_search?size=0`, ended.signal);
  await Promise.all(Array.from({ length: BATCHES_AT_ONCE }, lane));
  ended.abort();
  await looking;
  await storage.stop(signal);
  await ask(`${indices}/_refresh`, 'POST');
  await merged(indices);
  await ask(`${indices}/_flush`, 'POST');
  const written = processUsage(pid).cpuSeconds;
  await ask(`${indices}/_forcemerge?max_num_segments=1`, 'POST');
  await ask(`${indices}/_flush?force=true`, 'POST');
  await ask(`${indices}/_refresh`, 'POST');
  const mergedCpu = processUsage(pid).cpuSeconds;
  const { count } = (await ask(`${indices}/_count`)) as { count: number };
  if (count !== spans) throw new Error(`${spans} spans were acknowledged, ${count} are there`);
  const segments = await segmentsOf(url, `${indexPrefix}-${layout}-span-*`);
  await ask(`${url}/${indexPrefix}-*`, 'DELETE').catch(async () => {
    // Patterns may be forbidden.
    const all = Object.keys((await ask(`${url}/${indexPrefix}-*`)) as object);
    await ask(`${url}/${all.join(',')}`, 'DELETE');
  });
  return {
    cpuSeconds: (written - before) / spans,
    mergeCpuSeconds: (mergedCpu - written) / spans,
    documents: segments.documents / spans,
    bytes: segments.bytes / spans,
  };
}

async function lookNowAndThen(url: string, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    await fetch(url).then((response) => response.text());
    await sleep(SEARCH_INTERVAL_MS, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** Merges that the server began by itself belong to what writing costs. */
async function merged(indices: string): Promise<void> {
  for (;;) {
    const stats = (await ask(`${indices}/_stats/merge`)) as { _all: { total: { merges: { current: number } } } };
    if (stats._all.total.merges.current === 0) return;
    await sleep(200);
  }
}

async function segmentsOf(url: string, pattern: string): Promise<{ documents: number; bytes: number }> {
  const rows = (await ask(`${url}/_cat/segments/${pattern}?format=json&bytes=b`)) as Record<string, string>[];
  const sum = (field: string) => rows.reduce((total, row) => total + Number(row[field]), 0);
  return { documents: sum('docs.count'), bytes: sum('size') };
}

async function ask(url: string, method = 'GET'): Promise<unknown> {
  const response = await fetch(url, { method });
  if (!response.ok) throw new Error(`${method} ${url} was answered with ${response.status}: ${await response.text()}`);
  return response.json();
}

function meanOf(all: readonly Costs[]): Costs {
  const mean = (field: keyof Costs) => all.reduce((sum, costs) => sum + costs[field], 0) / all.length;
  return {
    cpuSeconds: mean('cpuSeconds'),
    mergeCpuSeconds: mean('mergeCpuSeconds'),
    documents: mean('documents'),
    bytes: mean('bytes'),
  };
}
