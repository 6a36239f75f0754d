import { counterOf, histogramOf, reportValue } from '@spoor/metrics';
import type { Counter, Histogram, Registry } from 'prom-client';

/** What the Cassandra store tells about itself. */
export interface CassandraMetrics {
  readonly flushSeconds: Histogram;
  readonly flushSpans: Histogram;
  readonly requestSeconds: Histogram;
  /** By `Trouble`. */
  readonly writeFailures: Counter;
  readonly rows: Counter;
  readonly mutations: Counter;
  readonly rowsRead: Counter;
  readonly queries: Counter;
  readonly slicesLeftOut: Counter;
}

export interface Gauges {
  queueBytes(): number;
  queueHighWaterBytes(): number;
  concurrency(): number;
}

export function cassandraMetrics(registry: Registry, gauges: Gauges): CassandraMetrics {
  reportValue(registry, 'spoor_storage_queue_bytes', gauges.queueBytes);
  reportValue(registry, 'spoor_storage_queue_high_water_bytes', gauges.queueHighWaterBytes);
  reportValue(registry, 'spoor_cassandra_write_concurrency', gauges.concurrency);
  return {
    flushSeconds: histogramOf(registry, 'spoor_cassandra_flush_seconds'),
    flushSpans: histogramOf(registry, 'spoor_cassandra_flush_spans'),
    requestSeconds: histogramOf(registry, 'spoor_cassandra_write_request_seconds'),
    writeFailures: counterOf(registry, 'spoor_cassandra_write_failures_total'),
    rows: counterOf(registry, 'spoor_cassandra_rows_written_total'),
    mutations: counterOf(registry, 'spoor_cassandra_mutations_total'),
    rowsRead: counterOf(registry, 'spoor_cassandra_rows_read_total'),
    queries: counterOf(registry, 'spoor_cassandra_queries_total'),
    slicesLeftOut: counterOf(registry, 'spoor_metrics_slices_refused_total'),
  };
}
