import type { Registry } from 'prom-client';
import { Counter, Histogram } from 'prom-client';

export type QueryResult = 'ok' | 'error';

export interface QueryMetrics {
  /** `operation` is the name of a route or a method, never anything from a request. */
  observe(operation: string, result: QueryResult, seconds: number): void;
}

export function createQueryMetrics(registry: Registry): QueryMetrics {
  const requests = new Counter({
    name: 'spoor_query_requests_total',
    help: 'Requests to the query API that were answered, by what they asked for',
    labelNames: ['operation', 'result'] as const,
    registers: [registry],
  });
  const latency = new Histogram({
    name: 'spoor_query_request_duration_seconds',
    help: 'From the arrival of a request to the query API to the end of its answer',
    labelNames: ['operation', 'result'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return {
    observe(operation, result, seconds) {
      requests.inc({ operation, result });
      latency.observe({ operation, result }, seconds);
    },
  };
}
