import type { ArchiveStore } from '@spoor/storage';
import type cassandra from 'cassandra-driver';
import type { CassandraStorageConfig } from './config.ts';
import { Queries, type QueriesOptions } from './queries.ts';
import { Requests, type RequestsOptions } from './requests.ts';
import { SpanTable } from './span-table.ts';
import { insertStatements } from './statements.ts';
import { tenantKeys } from './tenant-keys.ts';
import { CassandraWriter, type CassandraWriterDeps } from './writer.ts';

export interface CassandraArchive extends ArchiveStore {
  readonly writer: CassandraWriter;
}

/** Archived spans in a keyspace of their own, as the peer has it: its `traces` table, without a row in any index. */
export function createArchive(
  client: () => cassandra.Client,
  keyspace: string,
  {
    config,
    requests,
    queries,
    ...deps
  }: {
    readonly config: CassandraStorageConfig;
    readonly requests: RequestsOptions;
    readonly queries: QueriesOptions;
  } & Omit<CassandraWriterDeps, 'requests'>,
): CassandraArchive {
  const own = new Requests(client, { ...requests, keyspace, statements: insertStatements(keyspace) });
  const reading = new Queries(client, { ...queries, keyspace });
  return {
    // Somebody waits for it.
    writer: new CassandraWriter({ ...config.write, onlySpans: true, lingerMs: 0 }, { ...deps, requests: own }),
    reader: {
      getTrace: (traceId, { tenant, signal }) => new SpanTable(reading, tenantKeys(tenant), signal).trace(traceId),
    },
  };
}
