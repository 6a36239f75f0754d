import { serviceNameOf } from '@spoor/model';
import type { DependencyLink, DependencyReader } from '@spoor/storage';
import type { CassandraStorageConfig } from './config.ts';
import { nameKey } from './name-key.ts';
import { servicesOf } from './names.ts';
import { ceilMicros, floorMicros } from './plan.ts';
import type { Queries } from './queries.ts';
import { BudgetSpent, ReadBudget, tooCostly } from './read-budget.ts';
import { serviceStream } from './service-stream.ts';
import { SpanTable } from './span-table.ts';
import { tenantKeys } from './tenant-keys.ts';
import { unionOf } from './union.ts';

/** Traces whose spans are read at once. */
const TRACES_AT_ONCE = 16;
const PAGE_ROWS = 1_000;

/** Calls between services, counted from the spans themselves: no job has to run first. */
export function createDependencyReader(queries: Queries, config: CassandraStorageConfig): DependencyReader {
  return {
    async getDependencies(time, { tenant, signal }) {
      const keys = tenantKeys(tenant);
      const budget = new ReadBudget(config.read.maxRows);
      const services = await servicesOf(queries, keys, signal);
      if (services.length > config.read.maxServices)
        throw tooCostly(`to count the calls of all ${services.length} services`, 'raise the bound for services');
      const fromMicros = ceilMicros(time.startUnixNano);
      const context = { queries, budget, signal, fromMicros, firstPageRows: PAGE_ROWS };
      const streams = services.map((service) => serviceStream(context, keys.serviceKey(nameKey(service))));
      const table = new SpanTable(queries, keys, signal);
      const counts = new Map<string, DependencyLink>();
      try {
        const ids = [...(await traceIds(unionOf(streams), floorMicros(time.endUnixNano)))];
        for (let from = 0; from < ids.length; from += TRACES_AT_ONCE) {
          const some = ids.slice(from, from + TRACES_AT_ONCE);
          await Promise.all(some.map(async (id) => count(await callsOf(table, id, budget, time), counts)));
        }
      } catch (error) {
        if (!(error instanceof BudgetSpent)) throw error;
        throw tooCostly(`to count calls in more than ${error.maxRows} rows`, 'ask for a shorter time');
      }
      return [...counts.values()].sort((a, b) => compare(a.parent, b.parent) || compare(a.child, b.child));
    },
  };
}

async function traceIds(stream: ReturnType<typeof unionOf>, until: bigint): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let bound = until; ; ) {
    const moment = await stream.next(bound);
    if (moment === undefined) return ids;
    for (const { traceId } of moment.rows) ids.add(traceId);
    bound = moment.startMicros - 1n;
  }
}

type Call = readonly [string, string];
type Time = Parameters<DependencyReader['getDependencies']>[0];

/** One for each span that starts within the time and has its parent in the trace (CONTRACT §8.2). */
async function callsOf(table: SpanTable, traceId: string, budget: ReadBudget, time: Time): Promise<Call[]> {
  const services = new Map<string, string>();
  const children: { readonly service: string; readonly parent: string }[] = [];
  for await (const spans of table.trace(traceId, budget)) {
    for (const span of spans) {
      const service = serviceNameOf(span.resource);
      services.set(span.spanId, service);
      const isIn = span.startTimeUnixNano >= time.startUnixNano && span.startTimeUnixNano <= time.endUnixNano;
      if (isIn && span.parentSpanId !== '') children.push({ service, parent: span.parentSpanId });
    }
  }
  return children.flatMap(({ service, parent }): Call[] => {
    const caller = services.get(parent);
    return caller === undefined ? [] : [[caller, service]];
  });
}

function count(calls: readonly Call[], counts: Map<string, DependencyLink>): void {
  for (const [parent, child] of calls) {
    const key = JSON.stringify([parent, child]);
    const callCount = (counts.get(key)?.callCount ?? 0) + 1;
    counts.set(key, { parent, child, callCount });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
