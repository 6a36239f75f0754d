import type { Clock } from '@spoor/model';
import type { ArchiveStore, DependencyReader, MetricsReader, SpanReader } from '@spoor/storage';
import type { TraceAnswers } from '../read/trace-answers.ts';

/** What the routes answer from. */
export interface QueryEnvironment {
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
  /** `undefined` where the store has none. */
  readonly serviceMetrics: MetricsReader | undefined;
  /** `undefined` where nothing is archived. */
  readonly archive: ArchiveStore | undefined;
  readonly answers: TraceAnswers;
  readonly clock: Clock;
  /** The most traces that one search may ask for. */
  readonly maxSearchDepth: number;
}
