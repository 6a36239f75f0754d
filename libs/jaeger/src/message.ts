/**
 * What the protobuf and the JSON of the peer's `model.proto` both say, in native JavaScript types (CONTRACT §2.2).
 * Decoders make it, encoders write it; `spanOfMessage` and `messageOfSpan` turn it into the model's span and back.
 */

/** The JavaScript type is the tag's type: string, boolean = bool, bigint = int64, number = float64, bytes = binary. */
export type TagValue = string | boolean | bigint | number | Uint8Array;

export interface Tag {
  readonly key: string;
  readonly value: TagValue;
}

export const REFERENCE_TYPES = ['CHILD_OF', 'FOLLOWS_FROM'] as const;
export type ReferenceType = (typeof REFERENCE_TYPES)[number];

/** The names of `ValueType`, as numbers on the wire. */
export const VALUE_TYPES = ['STRING', 'BOOL', 'INT64', 'FLOAT64', 'BINARY'] as const;

export interface Reference {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly type: ReferenceType;
}

export interface Log {
  readonly timeUnixNano: bigint;
  readonly fields: readonly Tag[];
}

export interface Process {
  readonly serviceName: string;
  readonly tags: readonly Tag[];
}

export interface SpanMessage {
  readonly traceId: string;
  readonly spanId: string;
  readonly operationName: string;
  readonly references: readonly Reference[];
  readonly flags: number;
  readonly startTimeUnixNano: bigint;
  /** Negative when the span ended before it started, as clocks have it. */
  readonly durationNanos: bigint;
  readonly tags: readonly Tag[];
  readonly logs: readonly Log[];
  /** Absent where the process stands beside the span, as in a batch. */
  readonly process: Process | undefined;
  readonly warnings: readonly string[];
}
