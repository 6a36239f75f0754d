/** A row of an index table: a span of the trace starts then. */
export interface IndexRow {
  /** 32 hex digits. */
  readonly traceId: string;
  /** Absent where the table does not tell. */
  readonly spanId?: bigint;
  /** The span may not be what the table is about: it has to be read. */
  readonly isGuess?: true;
}

/**
 * What the rows of one start are, from the most to the least: all spans there are; all traces; some traces, at least one, because
 * the table keeps one row where several spans start together; none, and any span may start then.
 */
export const COMPLETENESS = ['spans', 'traces', 'starts', 'nothing'] as const;

/** All rows that start in one microsecond. */
export interface Moment {
  readonly startMicros: bigint;
  readonly rows: readonly IndexRow[];
  readonly tells: (typeof COMPLETENESS)[number];
}

/** Rows by start, newest first. The pieces that searches are made of: one a table, their unions and intersections. */
export interface StartStream {
  /**
   * The greatest start that is at most `atMost`; `undefined` when there is none. Asking again for the same gives the same;
   * asking for more than before is not allowed.
   */
  next(atMost: bigint): Promise<Moment | undefined>;
}

/** By start, newest first; `undefined` when there is none. */
export function newestOf(moments: readonly Moment[]): bigint | undefined {
  let newest: bigint | undefined;
  for (const { startMicros } of moments) if (newest === undefined || startMicros > newest) newest = startMicros;
  return newest;
}
