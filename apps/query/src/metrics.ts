import { counterOf, histogramOf } from '@spoor/metrics';
import type { Registry } from 'prom-client';

export type QueryResult = 'ok' | 'error';

export interface QueryMetrics {
  /** `operation` is the name of a route or a method, never anything from a request. */
  observe(operation: string, result: QueryResult, seconds: number): void;
}

export function createQueryMetrics(registry: Registry): QueryMetrics {
  const requests = counterOf(registry, 'spoor_query_requests_total');
  const latency = histogramOf(registry, 'spoor_query_request_duration_seconds');
  return {
    observe(operation, result, seconds) {
      requests.inc({ operation, result });
      latency.observe({ operation, result }, seconds);
    },
  };
}
