import type { TagValue } from '@spoor/jaeger';

/** What the JSON and the Thrift of Zipkin v1 both say, in native JavaScript types (CONTRACT §2.4). */

export interface V1Endpoint {
  readonly serviceName: string;
  /** As an unsigned number of 32 bits; 0 where it is not known, as the port. */
  readonly ipv4: number;
  readonly port: number;
  readonly ipv6: Uint8Array | undefined;
}

export interface V1Annotation {
  readonly timestampMicros: bigint;
  /** Bytes where it is not UTF-8. */
  readonly value: string | Uint8Array;
  readonly endpoint: V1Endpoint | undefined;
}

export interface V1BinaryAnnotation {
  /** Bytes where it is not UTF-8. */
  readonly key: string | Uint8Array;
  readonly value: TagValue;
  readonly endpoint: V1Endpoint | undefined;
}

export interface V1Span {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly id: string;
  /** 16 lower-case hex digits, perhaps zeros; `undefined` for a root. */
  readonly parentId: string | undefined;
  /** Bytes where it is not UTF-8. */
  readonly name: string | Uint8Array;
  readonly timestampMicros: bigint | undefined;
  readonly durationMicros: bigint | undefined;
  readonly annotations: readonly V1Annotation[];
  readonly binaryAnnotations: readonly V1BinaryAnnotation[];
  readonly debug: boolean;
}
