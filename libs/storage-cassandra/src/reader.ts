import type { RequestContext, TraceSummary } from '@spoor/model';
import type { SpanReader } from '@spoor/storage';
import type { CassandraStorageConfig } from './config.ts';
import { operationsOf, servicesOf } from './names.ts';
import type { Queries } from './queries.ts';
import { findTraces } from './search.ts';
import { SpanTable } from './span-table.ts';
import { tenantKeys } from './tenant-keys.ts';

/** Traces that are read at once to be summarised. */
const SUMMARIES_AT_ONCE = 16;

/** Answers from the peer's tables. Nothing is filtered by the server: every statement names its partition. */
export function createReader(queries: Queries, config: CassandraStorageConfig): SpanReader {
  const spans = ({ tenant, signal }: RequestContext) => new SpanTable(queries, tenantKeys(tenant), signal);
  return {
    getTrace: (traceId, context) => spans(context).trace(traceId),
    findTraces: (query, context) => findTraces(queries, config, query, context),
    async summariseTraces(traceIds, context) {
      const table = spans(context);
      const summaries: TraceSummary[] = [];
      for (let from = 0; from < traceIds.length; from += SUMMARIES_AT_ONCE) {
        const some = traceIds.slice(from, from + SUMMARIES_AT_ONCE).map((traceId) => table.summary(traceId));
        for (const summary of await Promise.all(some)) if (summary !== undefined) summaries.push(summary);
      }
      return summaries;
    },
    getServices: ({ tenant, signal }) => servicesOf(queries, tenantKeys(tenant), signal, config.read.maxRows),
    getOperations: (service, { tenant, signal }, kind) =>
      operationsOf(queries, tenantKeys(tenant), { service, kind, signal, most: config.read.maxRows }),
  };
}
