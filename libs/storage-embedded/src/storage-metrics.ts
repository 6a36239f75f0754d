import { counterOf, gaugeOf, histogramOf, reportValue } from '@spoor/metrics';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What the embedded store tells about itself. */
export interface StorageMetrics {
  readonly commitSeconds: Histogram;
  readonly spansPerCommit: Histogram;
  readonly blocks: Counter;
  readonly duplicateSpans: Counter;
  readonly segments: Gauge;
  readonly diskBytes: Gauge;
  readonly droppedSpans: Counter;
}

export function storageMetrics(
  registry: Registry,
  queue: () => { readonly bytes: number; readonly highWaterBytes: number },
): StorageMetrics {
  reportValue(registry, 'spoor_storage_queue_bytes', () => queue().bytes);
  reportValue(registry, 'spoor_storage_queue_high_water_bytes', () => queue().highWaterBytes);
  return {
    commitSeconds: histogramOf(registry, 'spoor_storage_commit_seconds'),
    spansPerCommit: histogramOf(registry, 'spoor_storage_commit_spans'),
    blocks: counterOf(registry, 'spoor_storage_blocks_total'),
    duplicateSpans: counterOf(registry, 'spoor_storage_duplicate_spans_total'),
    segments: gaugeOf(registry, 'spoor_storage_segments'),
    diskBytes: gaugeOf(registry, 'spoor_storage_disk_bytes'),
    droppedSpans: counterOf(registry, 'spoor_storage_retention_dropped_spans_total'),
  };
}
