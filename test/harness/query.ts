import { type ListeningProcess, type ProcessOptions, startListening } from './listening-process.ts';

const LISTENERS = {
  queryHttp: { listener: 'query-http', setting: 'SPOOR_QUERY_HTTP_ENDPOINT' },
  queryGrpc: { listener: 'query-grpc', setting: 'SPOOR_QUERY_GRPC_ENDPOINT' },
  admin: { listener: 'admin', setting: 'SPOOR_ADMIN_ENDPOINT' },
} as const;

export interface QueryOptions extends ProcessOptions {
  /** What points the process at its store, as settings in the environment. */
  readonly storage: Readonly<Record<string, string>>;
}

/** A running query process. */
export type Query = ListeningProcess<keyof typeof LISTENERS>;

/** Starts `apps/query`. Use it with `await using`, or call `stop`. */
export function startQuery(options: QueryOptions): Promise<Query> {
  const env = { ...options.storage, ...options.env };
  return startListening('apps/query/src/main.ts', LISTENERS, { ...options, env });
}
