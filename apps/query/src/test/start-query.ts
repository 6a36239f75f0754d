import { DEFAULT_TENANT, type Span } from '@spoor/model';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { QueryConfig } from '../config.ts';
import { createQuery, type Query, type QueryDependencies } from '../query.ts';
import { MemoryReader } from './memory-reader.ts';
import { NOON } from './spans.ts';

export interface StartedQuery {
  readonly query: Query;
  readonly reader: MemoryReader;
  readonly metrics: Registry;
  /** Of the HTTP API, without a slash at its end. */
  readonly url: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** The real servers on free ports, around a reader that a test looks into. The clock stands at noon. */
export async function startQuery(
  spans: readonly Span[],
  config: Partial<QueryConfig> = {},
  dependencies: Partial<QueryDependencies> = {},
): Promise<StartedQuery> {
  const reader = new MemoryReader();
  reader.spans.push(...spans);
  const metrics = new Registry();
  const query = createQuery(
    {
      http: { endpoint: LOOPBACK },
      grpc: { endpoint: LOOPBACK },
      basePath: '/',
      maxSearchDepth: 1_000,
      maxTraceSpans: 100_000,
      maxClockSkewAdjustment: 0,
      requestTimeout: 30_000,
      additionalHeaders: {},
      compression: true,
      ...config,
    },
    {
      reader,
      dependencies: reader,
      logger: pino({ level: 'silent' }),
      metrics,
      clock: { nowMs: () => Number(NOON / 1_000_000n) },
      tenancy: { fromHttpHeaders: () => DEFAULT_TENANT, fromGrpcMetadata: () => DEFAULT_TENANT },
      ...dependencies,
    },
  );
  await query.start();
  const url = `http://${query.addresses().http}`;
  return {
    query,
    reader,
    metrics,
    url,
    get: (path, headers = {}) => fetch(`${url}${path}`, { headers }),
    stop: () => query.stop(new AbortController().signal),
  };
}
