import { DEFAULT_TENANT, type Tenant } from '@spoor/model';
import { type Day, DependencyCounts, type DependencyLink, timeOf } from '@spoor/storage';
import type cassandra from 'cassandra-driver';
import { Registry } from 'prom-client';
import type { CassandraStorageConfig } from '../config.ts';
import { consistencyOf, createClient, findLocalDatacenter } from '../connection.ts';
import { storageError } from '../errors.ts';
import { nameKey } from '../name-key.ts';
import { servicesOf } from '../names.ts';
import { Queries } from '../queries.ts';
import { SpanTable } from '../span-table.ts';
import { cassandraMetrics } from '../storage-metrics.ts';
import { tenantKeys, tenantOfServicesPartition } from '../tenant-keys.ts';
import { storeDependencies } from './computed-dependencies.ts';
import { countTraces } from './trace-calls.ts';
import { walkTraces } from './trace-walk.ts';

/** What was counted of a day. */
export interface ComputedDay {
  readonly tenant: Tenant;
  /** Those that start on the day. */
  readonly spans: number;
  readonly links: readonly DependencyLink[];
}

export interface CassandraDependencyJob {
  /**
   * Counts the calls of a day from its spans, tenant by tenant, and stores them in place of what was stored of it. However many
   * spans there are, only so many traces are held at once. Nothing is stored for a tenant without spans on that day. Throws
   * `SPOOR_STORAGE_UNAVAILABLE`; what was stored by then remains, and repeating it is safe.
   */
  compute(day: Day, signal: AbortSignal): Promise<readonly ComputedDay[]>;
  close(): Promise<void>;
}

/** What counts a day when somebody asks for it. Connects at the first call. */
export function cassandraDependencyJob(
  config: CassandraStorageConfig,
  { maxTraces }: { readonly maxTraces?: number } = {},
): CassandraDependencyJob {
  let client: cassandra.Client | undefined;
  const connect = async () => {
    if (client !== undefined) return;
    let connecting: cassandra.Client | undefined;
    try {
      connecting = createClient(config, config.localDatacenter ?? (await findLocalDatacenter(config)));
      await connecting.connect();
      client = connecting;
    } catch (error) {
      await connecting?.shutdown().catch(() => undefined);
      throw storageError(error, 'take the connection');
    }
  };
  const gauges = { queueBytes: () => 0, queueHighWaterBytes: () => 0, concurrency: () => 0 };
  const metrics = cassandraMetrics(new Registry(), gauges);
  const queriesWith = (consistency: cassandra.types.consistencies) =>
    new Queries(() => client!, {
      keyspace: config.keyspace,
      consistency,
      maxConcurrency: config.read.maxConcurrency,
      metrics,
    });
  const reading = queriesWith(consistencyOf(config.readConsistency));
  const writing = queriesWith(consistencyOf(config.writeConsistency));
  return {
    async compute(day, signal) {
      await connect();
      const all: ComputedDay[] = [];
      for (const tenant of await tenantsOf(reading, signal)) {
        const computed = await computeDay(reading, { day, tenant, maxTraces }, signal);
        if (computed.spans === 0) continue;
        await storeDependencies(writing, { day, tenant, links: computed.links }, signal);
        all.push(computed);
      }
      return all;
    },
    close: async () => client?.shutdown(),
  };
}

async function computeDay(
  queries: Queries,
  { day, tenant, maxTraces }: { readonly day: Day; readonly tenant: Tenant; readonly maxTraces: number | undefined },
  signal: AbortSignal,
): Promise<ComputedDay> {
  const keys = tenantKeys(tenant);
  const services = (await servicesOf(queries, keys, signal)).map((name) => keys.serviceKey(nameKey(name)));
  const table = new SpanTable(queries, keys, signal);
  const counts = new DependencyCounts();
  let spans = 0;
  const walk = { queries, services, signal, ...(maxTraces === undefined ? {} : { maxTraces }) };
  for await (const { time, traceIds } of walkTraces(walk, timeOf(day)))
    spans += await countTraces(table, traceIds, { time, counts });
  return { tenant, spans, links: counts.links() };
}

/** Those that have spans on any day. */
async function tenantsOf(queries: Queries, signal: AbortSignal): Promise<Tenant[]> {
  const tenants: Tenant[] = [];
  const query = `SELECT DISTINCT service_name FROM ${queries.table('operation_names_v2')}`;
  for await (const rows of queries.pages(query, [], signal)) {
    for (const row of rows) {
      const tenant = tenantOfServicesPartition(row['service_name'] as string);
      if (tenant !== undefined) tenants.push(tenant);
    }
  }
  return [DEFAULT_TENANT, ...tenants.sort()];
}
