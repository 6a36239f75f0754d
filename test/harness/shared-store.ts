import { decodeOperations } from '@spoor/storage';
import type { Outside } from './outside.ts';

/** A store that several processes share, of which a test has a part to itself. */
export interface SharedStore {
  readonly name: string;
  /** What points a process at it, as settings in the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether spans that begin in three days are set aside. */
  readonly refusesFuture: boolean;
  /**
   * The ids of the spans that it holds, by trace, sorted, each as often as it is there. Asked of the server itself, past Spoor's
   * reader, which would not show a span twice.
   */
  storedSpans(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Calls that were counted for metrics, of all services and minutes: also past Spoor's reader. */
  countedCalls(): Promise<number>;
  /** Removes the test's part, and lets go of the server. */
  close(): Promise<void>;
}

/** Takes a part of a real server: `onElasticsearch`, `onCassandra`. */
export type OpenSharedStore = () => Promise<Outside<SharedStore>>;

/** The ids of spans by the ids of their traces, sorted. */
export class SpanIdsByTrace {
  private readonly traces = new Map<string, string[]>();

  add(traceId: string, spanId: string): void {
    const spanIds = this.traces.get(traceId);
    if (spanIds === undefined) this.traces.set(traceId, [spanId]);
    else spanIds.push(spanId);
  }

  sorted(): ReadonlyMap<string, readonly string[]> {
    for (const spanIds of this.traces.values()) spanIds.sort();
    return this.traces;
  }
}

/** Calls in a slice of metrics, as stores keep it. */
export function callsIn(operations: unknown): number {
  return decodeOperations(String(operations)).reduce((sum, { durations }) => sum + durations.count, 0);
}
