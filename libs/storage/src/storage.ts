import type { Component } from '@spoor/model';
import type { ArchiveStore } from './archive.ts';
import type { DependencyReader } from './dependencies.ts';
import type { MetricsReader, MetricsSliceStore } from './metrics/index.ts';
import type { SpanReader } from './reader.ts';
import type { LeaseStore, SamplingStore } from './sampling.ts';
import type { SpanWriter } from './writer.ts';

/** A store, whole. `isReady` is false, with the reason, while it can neither take nor answer. */
export interface Storage extends Component {
  readonly writer: SpanWriter;
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
  readonly metrics: MetricsReader;
  /** Where metrics are derived by whoever writes spans. Absent from a store that counts them when it is asked. */
  readonly metricsSlices?: MetricsSliceStore | undefined;
  /** Where the settings ask for one. */
  readonly archive?: ArchiveStore | undefined;
  /** What collectors that sample adaptively share. Absent from a store that belongs to one process. */
  readonly sampling?: SamplingStore;
  readonly leases?: LeaseStore;
  readiness(): { readonly ready: boolean; readonly reason?: string };
}
