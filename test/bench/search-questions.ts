import type { RequestContext } from '@spoor/model';
import type { Storage, TraceQuery } from '@spoor/storage';
import type { BenchResult } from './bench.ts';
import { rounded } from './bench.ts';

const QUESTIONS = 200;

/** What was stored. */
export interface Stored {
  readonly startUnixNano: bigint;
  readonly endUnixNano: bigint;
  /** Of some of the traces, spread over the range. */
  readonly traceIds: readonly string[];
}

const context: RequestContext = { tenant: 'default', signal: new AbortController().signal };

/** What people ask a store, one question after the other, each of them with other words and another time. */
export async function askStore(
  { reader, dependencies }: Pick<Storage, 'reader' | 'dependencies'>,
  { startUnixNano, endUnixNano, traceIds }: Stored,
  report: (result: BenchResult) => void,
  /** Of calls between services, which reads every span of the range. */
  dependencyQuestions: number,
): Promise<void> {
  const span = (endUnixNano - startUnixNano) / BigInt(QUESTIONS);
  const until = (i: number) => endUnixNano - span * BigInt((i * 37) % QUESTIONS);
  const services = await reader.getServices(context);
  const query = (i: number, conditions: Partial<TraceQuery>): TraceQuery => ({
    attributes: [],
    time: { startUnixNano, endUnixNano: until(i) },
    limit: 20,
    ...conditions,
  });
  const serviceName = (i: number) => services[i % services.length]!;
  const operations = new Map<string, string>();
  for (const service of services) operations.set(service, (await reader.getOperations(service, context))[0]!.name);
  const find = (i: number, conditions: Partial<TraceQuery>) => reader.findTraces(query(i, conditions), context);
  const cases: Record<string, (i: number) => Promise<unknown>> = {
    service: (i) => find(i, { serviceName: serviceName(i) }),
    'service-operation': (i) =>
      find(i, { serviceName: serviceName(i), operationName: operations.get(serviceName(i))! }),
    'tag-common': (i) =>
      find(i, { serviceName: serviceName(i), attributes: [{ key: 'http.request.method', value: 'GET' }] }),
    'tag-rare': (i) =>
      find(i, {
        attributes: [
          { key: 'error', value: 'true' },
          { key: 'http.request.method', value: 'PUT' },
        ],
      }),
    'min-duration': (i) => find(i, { serviceName: serviceName(i), minDurationNanos: 50_000_000n }),
    trace: async (i) => {
      let spans = 0;
      for await (const chunk of reader.getTrace(traceIds[(i * 131) % traceIds.length]!, context)) spans += chunk.length;
      if (spans === 0) throw new Error('a trace that was stored is not there');
    },
    'summaries-20': (i) => {
      const from = (i * 53) % Math.max(1, traceIds.length - 20);
      return reader.summariseTraces(traceIds.slice(from, from + 20), context);
    },
    dependencies: () => dependencies.getDependencies({ startUnixNano, endUnixNano }, context),
  };
  for (const [name, run] of Object.entries(cases)) {
    const times: number[] = [];
    const questions = name === 'dependencies' ? dependencyQuestions : QUESTIONS;
    for (let i = 0; i < questions; i += 1) {
      const begin = performance.now();
      await run(i);
      times.push(performance.now() - begin);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => rounded(times[Math.min(times.length - 1, Math.floor(times.length * share))]!);
    report({ case: name, questions, p50Ms: at(0.5), p99Ms: at(0.99) });
  }
}
