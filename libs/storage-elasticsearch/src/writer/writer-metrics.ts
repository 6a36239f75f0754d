import { counterOf, histogramOf, reportValue } from '@spoor/metrics';
import type { Counter, Histogram, Registry } from 'prom-client';
import type { ByteBudget } from './byte-budget.ts';
import type { Pace } from './pace.ts';

export interface WriterMetrics {
  readonly requests: Counter;
  readonly seconds: Histogram;
  readonly items: Counter;
  readonly bytes: Counter;
  readonly duplicateSpans: Counter;
}

export function writerMetrics(registry: Registry, budget: ByteBudget, pace: Pace): WriterMetrics {
  reportValue(registry, 'spoor_storage_queue_bytes', () => budget.bytes);
  reportValue(registry, 'spoor_storage_queue_high_water_bytes', () => budget.highWaterBytes);
  reportValue(registry, 'spoor_elasticsearch_bulk_target_bytes', () => pace.targetBytes);
  reportValue(registry, 'spoor_elasticsearch_bulk_concurrency', () => pace.concurrency);
  return {
    requests: counterOf(registry, 'spoor_elasticsearch_bulk_requests_total'),
    seconds: histogramOf(registry, 'spoor_elasticsearch_bulk_duration_seconds'),
    items: counterOf(registry, 'spoor_elasticsearch_bulk_items_total'),
    bytes: counterOf(registry, 'spoor_elasticsearch_bulk_bytes_total'),
    duplicateSpans: counterOf(registry, 'spoor_storage_duplicate_spans_total'),
  };
}
