import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';

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
  const registers = [registry];
  new Gauge({
    name: 'spoor_storage_queue_bytes',
    help: 'Bytes of spans that wait for their commit',
    registers,
    collect() {
      this.set(queue().bytes);
    },
  });
  new Gauge({
    name: 'spoor_storage_queue_high_water_bytes',
    help: 'The most bytes of spans that ever waited for their commit',
    registers,
    collect() {
      this.set(queue().highWaterBytes);
    },
  });
  return {
    commitSeconds: new Histogram({
      name: 'spoor_storage_commit_seconds',
      help: 'Time of a commit, with fsync',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    spansPerCommit: new Histogram({
      name: 'spoor_storage_commit_spans',
      help: 'Spans that a commit stored',
      buckets: [1, 10, 100, 1000, 10_000],
      registers,
    }),
    blocks: new Counter({ name: 'spoor_storage_blocks_total', help: 'Blocks written', registers }),
    duplicateSpans: new Counter({
      name: 'spoor_storage_duplicate_spans_total',
      help: 'Spans that were stored already and so were not stored again',
      registers,
    }),
    segments: new Gauge({ name: 'spoor_storage_segments', help: 'Segments that are kept', registers }),
    diskBytes: new Gauge({ name: 'spoor_storage_disk_bytes', help: 'Bytes that the files take', registers }),
    droppedSpans: new Counter({
      name: 'spoor_storage_retention_dropped_spans_total',
      help: 'Spans dropped by retention, by age or by size',
      registers,
    }),
  };
}
