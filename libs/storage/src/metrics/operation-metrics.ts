import { SPAN_KINDS, type SpanKind } from '@spoor/model';
import { DurationHistogram } from './duration-histogram.ts';

/** Spans of one operation and kind: how many, how many of them with status error, how long they took. */
export interface OperationMetrics {
  readonly operation: string;
  readonly spanKind: SpanKind;
  readonly errors: number;
  /** Its count is the number of calls. */
  readonly durations: DurationHistogram;
}

/** Distinct operations and kinds that are counted by name. Span names that hold ids would be without bound. */
export const MAX_OPERATIONS = 1_000;
/** The operation that stands for all others beyond `MAX_OPERATIONS`, with their kinds. */
export const OTHER_OPERATIONS = 'other operations';

interface Counted {
  readonly operation: string;
  readonly spanKind: SpanKind;
  errors: number;
  readonly durations: DurationHistogram;
}

/**
 * Counts the spans of one service. Which operations are counted by name depends only on the order in which spans and sums are
 * added. `maxOperations` may be infinite, where the sums are not to be kept.
 */
export class ServiceCounts {
  private readonly byOperation = new Map<string, Counted[]>();
  private readonly maxOperations: number;
  private size = 0;
  /** Until another operation comes. */
  private sorted: readonly OperationMetrics[] | undefined;

  constructor(maxOperations: number = MAX_OPERATIONS) {
    this.maxOperations = maxOperations;
  }

  /** `kindNumber` is an index into `SPAN_KINDS`. */
  addSpan(operation: string, kindNumber: number, isError: boolean, nanos: number): void {
    const counted = this.counted(operation, SPAN_KINDS[kindNumber]!);
    if (isError) counted.errors += 1;
    counted.durations.add(nanos);
  }

  addMetrics(operations: readonly OperationMetrics[]): void {
    for (const { operation, spanKind, errors, durations } of operations) {
      const counted = this.counted(operation, spanKind);
      counted.errors += errors;
      counted.durations.merge(durations);
    }
  }

  /** Sorted by operation, then by kind in the order of `SPAN_KINDS`. They change with what is added later. */
  operations(): readonly OperationMetrics[] {
    this.sorted ??= [...this.byOperation.values()].flat().sort(byNameAndKind);
    return this.sorted;
  }

  private counted(operation: string, spanKind: SpanKind): Counted {
    const kinds = this.byOperation.get(operation);
    const known = kinds?.find((one) => one.spanKind === spanKind);
    if (known !== undefined) return known;
    if (this.size >= this.maxOperations && operation !== OTHER_OPERATIONS)
      return this.counted(OTHER_OPERATIONS, spanKind);
    const counted: Counted = { operation, spanKind, errors: 0, durations: new DurationHistogram() };
    if (kinds === undefined) this.byOperation.set(operation, [counted]);
    else kinds.push(counted);
    this.size += 1;
    this.sorted = undefined;
    return counted;
  }
}

function byNameAndKind(a: OperationMetrics, b: OperationMetrics): number {
  if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1;
  return SPAN_KINDS.indexOf(a.spanKind) - SPAN_KINDS.indexOf(b.spanKind);
}
