/** The measured process of the bench `cassandra`: fills a keyspace, then asks. Each result is one line of JSON. */
import type { RequestContext } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { TraceQuery } from '@spoor/storage';
import { cassandraConfig, cassandraSettings, createCassandraStorage } from '@spoor/storage-cassandra';
import pino from 'pino';
import { Registry } from 'prom-client';
import { createSpanGenerator } from '../fixtures/spans.ts';
import { processUsage } from '../harness/index.ts';

const [host = '', port = '', serverPid = '', spanCount = '1000000'] = process.argv.slice(2);
const SPANS_PER_WRITE = 500;
const CONCURRENT_WRITES = 24;
const QUESTIONS = 200;
const LIMIT = 20;

const context: RequestContext = { tenant: 'default', signal: new AbortController().signal };
const settings = { servers: [host], port: Number(port), keyspace: 'spoor_bench', schema: { create: true } };
const store = createCassandraStorage(cassandraConfig(cassandraSettings.parse(settings)), {
  logger: pino({ level: 'warn' }, pino.destination(2)),
  metrics: new Registry(),
});
await store.start();
while (!store.readiness().ready) await new Promise((resolve) => setTimeout(resolve, 100));
const { traceIds, startUnixNano, endUnixNano } = await fill(Number(spanCount));
await ask();
await store.stop(AbortSignal.timeout(30_000));

/** Traces 10 ms apart, which end now. */
async function fill(count: number) {
  const end = BigInt(Date.now()) * 1_000_000n;
  const start = end - BigInt(count / 20) * 10_000_000n;
  const generator = createSpanGenerator({ seed: 5, startTimeUnixNano: start });
  const ids: string[] = [];
  const before = {
    server: processUsage(Number(serverPid)).cpuSeconds,
    own: process.cpuUsage(),
    atMs: performance.now(),
  };
  let left = count;
  const write = async () => {
    while (left > 0) {
      left -= SPANS_PER_WRITE;
      const spans = generator.spans(SPANS_PER_WRITE);
      const first = spans[0];
      if (first !== undefined) ids.push(first.traceId);
      const bytes = encodeTraces(spans);
      const batch = { tenant: 'default', encoding: 'otlp_proto' as const, spanCount: spans.length, bytes };
      await store.writer.write([batch], context);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_WRITES }, write));
  const seconds = (performance.now() - before.atMs) / 1000;
  const { user, system } = process.cpuUsage(before.own);
  report({
    case: 'write',
    spans: count,
    spansPerSecond: Math.round(count / seconds),
    cpuSecondsPerMillionSpansWithGenerator: rounded((user + system) / count),
    serverCpuSecondsPerMillionSpans: rounded(
      ((processUsage(Number(serverPid)).cpuSeconds - before.server) / count) * 1e6,
    ),
  });
  return { traceIds: ids, startUnixNano: start, endUnixNano: end + 60_000_000_000n };
}

async function ask(): Promise<void> {
  const { reader } = store;
  const step = (endUnixNano - startUnixNano) / BigInt(QUESTIONS);
  const services = await reader.getServices(context);
  const serviceName = (i: number) => services[i % services.length] ?? '';
  const operations = new Map<string, string>();
  for (const service of services)
    operations.set(service, (await reader.getOperations(service, context))[0]?.name ?? '');
  const find = async (i: number, conditions: Partial<TraceQuery>) => {
    const time = { startUnixNano, endUnixNano: endUnixNano - step * BigInt((i * 37) % (QUESTIONS - 20)) };
    const query: TraceQuery = { attributes: [], time, limit: LIMIT, ...conditions };
    return (await reader.findTraces(query, context)).items.map(({ traceId }) => traceId);
  };
  const get = [{ key: 'http.request.method', value: 'GET' }];
  const cases: Record<string, (i: number) => Promise<unknown>> = {
    service: (i) => find(i, { serviceName: serviceName(i) }),
    'service-summarised': async (i) => reader.summariseTraces(await find(i, { serviceName: serviceName(i) }), context),
    'service-operation': (i) =>
      find(i, { serviceName: serviceName(i), operationName: operations.get(serviceName(i)) ?? '' }),
    tag: (i) => find(i, { serviceName: serviceName(i), attributes: get }),
    'tag-summarised': async (i) =>
      reader.summariseTraces(await find(i, { serviceName: serviceName(i), attributes: get }), context),
    'tags-two': (i) => find(i, { serviceName: serviceName(i), attributes: [...get, { key: 'error', value: 'true' }] }),
    'tag-without-service': (i) => find(i, { attributes: [{ key: 'error', value: 'true' }] }),
    'min-duration': (i) => find(i, { serviceName: serviceName(i), minDurationNanos: 50_000_000n }),
    'tag-and-duration': (i) => find(i, { serviceName: serviceName(i), attributes: get, minDurationNanos: 50_000_000n }),
    trace: async (i) => {
      let spans = 0;
      const id = traceIds[(i * 131) % traceIds.length] ?? '';
      for await (const chunk of reader.getTrace(id, context)) spans += chunk.length;
      if (spans === 0) throw new Error('a trace that was stored is not there');
    },
  };
  for (const [name, run] of Object.entries(cases)) {
    const times: number[] = [];
    for (let i = 0; i < QUESTIONS; i += 1) {
      const begin = performance.now();
      await run(i);
      times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => rounded(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0);
    report({ case: name, questions: QUESTIONS, p50Ms: at(0.5), p99Ms: at(0.99) });
  }
}

function report(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
