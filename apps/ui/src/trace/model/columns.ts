/** What a row's flags say. A row has any number of them. */
export const ROW_FLAGS = {
  /** The span's own status is error. */
  error: 1,
  /** The span names a parent that is not in the trace; it is shown as a root. */
  orphan: 2,
  /** The span was its own ancestor; the circle was cut here, and it is shown as a root. */
  cycle: 4,
  /** The span carries warnings. */
  warnings: 8,
  /** Another span of the trace, shown before it, has the same id. */
  duplicateId: 16,
  /** A span below this one has the status error. */
  errorBelow: 32,
  /** The span has links. */
  links: 64,
  /** The start time is missing (zero) or the end lies before the start; what is drawn was put right. */
  badTime: 128,
} as const;

/** One stretch of the critical path: the time in which the whole trace waited for this row's own work. */
export interface CriticalPath {
  /** Tree row of each stretch, ascending; the stretches of one row in order of time. */
  readonly row: Int32Array;
  /** Relative to the trace's start. */
  readonly startMicros: Float64Array;
  readonly endMicros: Float64Array;
  /** Indices into the arrays above in order of time, so that the path can be drawn from stretch to stretch. */
  readonly byTime: Int32Array;
}

/**
 * A trace as the page draws it: one entry a span in tree order (a parent before its children, siblings by start time).
 * An index into these arrays is a "row". Everything can be moved between threads without a copy.
 */
export interface TraceColumns {
  readonly traceId: string;
  /** Of the earliest span. */
  readonly startTimeUnixNano: bigint;
  /** From the earliest start to the latest end. */
  readonly durationMicros: number;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly orphanCount: number;
  /** Levels of the tree: 1 when all spans are roots. */
  readonly depthCount: number;
  /** The row that names the trace: the earliest span without a parent, or the earliest orphan. */
  readonly rootRow: number;
  /** Relative to the trace's start. */
  readonly startMicros: Float64Array;
  readonly spanDurationMicros: Float64Array;
  /** The span's duration without the time in which one of its children ran. */
  readonly selfMicros: Float64Array;
  /** 0 for a root. */
  readonly depth: Int32Array;
  /** Row of the parent, -1 for a root. */
  readonly parent: Int32Array;
  /** Rows of the subtree, the span itself among them. */
  readonly subtreeSize: Int32Array;
  readonly childCount: Int32Array;
  /** Index into `services`. */
  readonly service: Int32Array;
  /** Index into `names`. */
  readonly name: Int32Array;
  /** Bits of `ROW_FLAGS`. */
  readonly flags: Uint8Array;
  /** Index into the model's `SPAN_KINDS`. */
  readonly kind: Uint8Array;
  readonly spanId: BigUint64Array;
  /** Events of row r are `eventMicros[eventOffset[r] .. eventOffset[r + 1])`, relative to the trace's start, ascending. */
  readonly eventOffset: Int32Array;
  readonly eventMicros: Float64Array;
  /** By first appearance in tree order. */
  readonly services: readonly string[];
  readonly names: readonly string[];
  readonly criticalPath: CriticalPath;
}

export function hasFlag(columns: TraceColumns, row: number, flag: keyof typeof ROW_FLAGS): boolean {
  return ((columns.flags[row] ?? 0) & ROW_FLAGS[flag]) !== 0;
}

/** 16 lower-case hex digits. */
export function spanIdOf(columns: TraceColumns, row: number): string {
  return (columns.spanId[row] ?? 0n).toString(16).padStart(16, '0');
}

/** The first row of that span id; -1 when the trace has none. Accepts hex of any case. */
export function rowOfSpanId(columns: TraceColumns, spanId: string): number {
  if (!/^[0-9a-fA-F]{1,16}$/.test(spanId)) return -1;
  return columns.spanId.indexOf(BigInt(`0x${spanId}`));
}

/** What must be handed over, not copied, when columns go to another thread. */
export function transferablesOf(columns: TraceColumns): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const value of [...Object.values(columns), ...Object.values(columns.criticalPath)]) {
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer as ArrayBuffer);
  }
  return [...buffers];
}
