import type { RequestContext } from '@spoor/model';
import { DEFAULT_TENANT, serviceNameOf } from '@spoor/model';
import type { DependencyLink, DependencyReader, TimeRange } from '@spoor/storage';
import { computedDependencies } from './computed-dependencies.ts';
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

/**
 * Calls between services, counted from the spans themselves, so that no job has to run first. Where that would read more than a
 * search may, what a job has computed is the answer; without it the question is refused with `SPOOR_INVALID_REQUEST`.
 */
export function createDependencyReader(queries: Queries, config: CassandraStorageConfig): DependencyReader {
  return {
    async getDependencies(time, { tenant, signal }) {
      const count = await countedDependencies(queries, config, { time, tenant, signal }).catch((error: unknown) => {
        if (error instanceof BudgetSpent) return error;
        throw error;
      });
      const links = count instanceof BudgetSpent ? await computedOrRefused(queries, { time, tenant, signal }) : count;
      return links.sort((a, b) => compare(a.parent, b.parent) || compare(a.child, b.child));
    },
  };
}

interface Question extends RequestContext {
  readonly time: TimeRange;
}

async function countedDependencies(
  queries: Queries,
  { read }: CassandraStorageConfig,
  { time, tenant, signal }: Question,
): Promise<DependencyLink[]> {
  const keys = tenantKeys(tenant);
  const budget = new ReadBudget(read.maxRows);
  const services = await servicesOf(queries, keys, signal);
  if (services.length > read.maxServices) throw new BudgetSpent(budget);
  const context = { queries, budget, signal, fromMicros: ceilMicros(time.startUnixNano), firstPageRows: PAGE_ROWS };
  const streams = services.map((service) => serviceStream(context, keys.serviceKey(nameKey(service))));
  const table = new SpanTable(queries, keys, signal);
  const counts = new Map<string, DependencyLink>();
  const ids = [...(await traceIds(unionOf(streams), floorMicros(time.endUnixNano)))];
  for (let from = 0; from < ids.length; from += TRACES_AT_ONCE) {
    const some = ids.slice(from, from + TRACES_AT_ONCE);
    const calls = await Promise.all(some.map((id) => callsOf(table, id, budget, time)));
    count(calls.flat(), counts);
  }
  return [...counts.values()];
}

async function computedOrRefused(queries: Queries, { time, tenant, signal }: Question): Promise<DependencyLink[]> {
  // The table has no tenants: what is in it is of what the peer sees.
  const computed = tenant === DEFAULT_TENANT ? await computedDependencies(queries, time, signal) : undefined;
  if (computed === undefined) throw tooCostly('to count all calls of that time', 'ask for a shorter one');
  return computed;
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

/** One for each span that starts within the time and has its parent in the trace (CONTRACT §8.2). */
async function callsOf(table: SpanTable, traceId: string, budget: ReadBudget, time: TimeRange): Promise<Call[]> {
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
