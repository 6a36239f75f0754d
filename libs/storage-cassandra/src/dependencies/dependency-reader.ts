import type { RequestContext } from '@spoor/model';
import { DependencyCounts, type DependencyLink, type DependencyReader, type TimeRange } from '@spoor/storage';
import type { CassandraStorageConfig } from '../config.ts';
import { nameKey } from '../name-key.ts';
import { servicesOf } from '../names.ts';
import { ceilMicros, floorMicros } from '../plan.ts';
import type { Queries } from '../queries.ts';
import { BudgetSpent, ReadBudget, tooCostly } from '../read-budget.ts';
import { serviceStream } from '../service-stream.ts';
import { SpanTable } from '../span-table.ts';
import { tenantKeys } from '../tenant-keys.ts';
import { unionOf } from '../union.ts';
import { computedDependencies } from './computed-dependencies.ts';
import { countTraces } from './trace-calls.ts';

const PAGE_ROWS = 1_000;

/**
 * Calls between services, counted from the spans themselves, so that no job has to run first. Where that would read more than a
 * search may, what a job has computed is the answer; without it the question is refused with `SPOOR_INVALID_REQUEST`.
 */
export function createDependencyReader(queries: Queries, config: CassandraStorageConfig): DependencyReader {
  return {
    async getDependencies(time, context) {
      const counted = await countedDependencies(queries, config, time, context);
      if (typeof counted !== 'string') return counted;
      const computed = await computedDependencies(queries, time, context);
      if (computed === undefined) throw tooCostly('to count all calls of that time', `${counted}, ${ADVICE}`);
      return computed;
    },
  };
}

const ADVICE =
  'or run `spoor dependencies compute --storage-type=cassandra` once a day, which counts whole days for those who ask later';

/** Why it would cost too much, when it would. */
async function countedDependencies(
  queries: Queries,
  { read }: CassandraStorageConfig,
  time: TimeRange,
  { tenant, signal }: RequestContext,
): Promise<DependencyLink[] | string> {
  const keys = tenantKeys(tenant);
  const budget = new ReadBudget(read.maxRows);
  const services = await servicesOf(queries, keys, signal, read.maxRows);
  if (services.length > read.maxServices)
    return `there are ${services.length} services, more than ${read.maxServices}: raise storage.cassandra.read.maxServices`;
  const context = { queries, budget, signal, fromMicros: ceilMicros(time.startUnixNano), firstPageRows: PAGE_ROWS };
  const streams = services.map((service) => serviceStream(context, keys.serviceKey(nameKey(service))));
  const counts = new DependencyCounts();
  try {
    const ids = await traceIds(unionOf(streams), floorMicros(time.endUnixNano));
    await countTraces(new SpanTable(queries, keys, signal), ids, { time, counts, budget });
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    return `it is more than ${read.maxRows} rows: ask for a shorter time, raise storage.cassandra.read.maxRows`;
  }
  return counts.links();
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
