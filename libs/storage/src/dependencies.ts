import type { RequestContext } from '@spoor/model';
import type { TimeRange } from './reader.ts';

/** Calls from one service to another, counted. */
export interface DependencyLink {
  readonly parent: string;
  readonly child: string;
  readonly callCount: number;
}

export interface DependencyReader {
  /**
   * Each span whose parent is in the trace adds a call from the parent's service to its own (self links included, CONTRACT §8.2).
   * Counts the child spans that start within `time`. One link a (parent, child), sorted by parent, then child.
   */
  getDependencies(time: TimeRange, context: RequestContext): Promise<readonly DependencyLink[]>;
}
