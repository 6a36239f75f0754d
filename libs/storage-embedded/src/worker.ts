import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { SpoorError } from '@spoor/model';
import type { MetricsQuery, TimeRange, TraceQuery } from '@spoor/storage';
import { findDependencies } from './dependencies.ts';
import { Keeper } from './keeper.ts';
import { findMetrics } from './metrics.ts';
import { ReadEngine } from './read-engine.ts';
import { findTraces } from './search.ts';
import { findSpans, messagesOf, summarise, traceWords } from './spans-of-trace.ts';
import { openSqliteContainer } from './sqlite-container.ts';
import type { WorkerData, WorkerReply, WorkerRequest } from './worker-protocol.ts';
import { packError } from './worker-protocol.ts';
import type { WriteGroup } from './write-engine.ts';
import { WriteEngine } from './write-engine.ts';

export const DATABASE_FILE = 'spans.db';

type Operations = Record<string, (argument: never) => unknown>;

const { role, config, hashMask, maxPages } = workerData as WorkerData;
const container = openSqliteContainer({
  path: join(config.directory, DATABASE_FILE),
  synchronous: config.synchronous,
  ...(maxPages === undefined ? {} : { maxPages }),
});

const roles: Record<WorkerData['role'], () => Operations> = {
  writer: () => {
    const engine = new WriteEngine(container, config.segment, hashMask);
    engine.load();
    return {
      write: ({ groups, nowMs }: { groups: readonly WriteGroup[]; nowMs: number }) => engine.write(groups, nowMs),
      closeOld: ({ nowMs }: { nowMs: number }) => engine.closeOld(nowMs),
    };
  },
  reader: () => {
    const engine = new ReadEngine(container, hashMask);
    return {
      findTraces: ({ tenant, query }: { tenant: string; query: TraceQuery }) => findTraces(engine, tenant, query),
      getTrace: ({ tenant, traceId }: { tenant: string; traceId: string }) =>
        engine.reading(tenant, (sources) => [...messagesOf(engine, findSpans(engine, sources, traceWords(traceId)))]),
      summarise: ({ tenant, traceIds }: { tenant: string; traceIds: readonly string[] }) =>
        summarise(engine, tenant, traceIds),
      services: ({ tenant }: { tenant: string }) => engine.services(tenant),
      operations: ({ tenant, service, kind }: { tenant: string; service: string; kind?: string }) =>
        engine.operations(tenant, service, kind),
      dependencies: ({ tenant, time }: { tenant: string; time: TimeRange }) => findDependencies(engine, tenant, time),
      metrics: ({ tenant, query }: { tenant: string; query: MetricsQuery }) => findMetrics(engine, tenant, query),
    };
  },
  keeper: () => {
    const keeper = new Keeper(container, config, hashMask);
    return { keep: ({ nowMs }: { nowMs: number }) => keeper.keep(nowMs), size: () => keeper.size() };
  },
};

const operations = roles[role]();

parentPort?.on('message', ({ id, operation, argument }: WorkerRequest) => {
  if (operation === 'close') {
    container.close();
    answer({ id, result: undefined });
    parentPort?.close();
    return;
  }
  try {
    const run = operations[operation];
    if (run === undefined) throw new SpoorError('SPOOR_INTERNAL', `the ${role} does not know "${operation}"`);
    answer({ id, result: run(argument as never) });
  } catch (error) {
    answer({ id, error: packError(error) });
  }
});

function answer(reply: WorkerReply): void {
  parentPort?.postMessage(reply);
}

answer({ id: 0, result: undefined });
