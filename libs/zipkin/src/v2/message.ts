/** What the JSON and the protobuf of Zipkin v2 both say, in native JavaScript types (CONTRACT §2.5). */

export const KINDS = ['', 'CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER'] as const;
/** `''` where the span has none. */
export type ZipkinKind = (typeof KINDS)[number];

export interface ZipkinEndpoint {
  /** `''` where it is not known, as the addresses. */
  readonly serviceName: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** 0 where it is not known. */
  readonly port: number;
}

export interface ZipkinAnnotation {
  readonly timestampMicros: bigint;
  readonly value: string;
}

export interface ZipkinSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly id: string;
  /** 16 lower-case hex digits, `''` for a root. */
  readonly parentId: string;
  readonly kind: ZipkinKind;
  readonly name: string;
  /** 0 where it is not known. */
  readonly timestampMicros: bigint;
  /** 0 where it is not known. */
  readonly durationMicros: bigint;
  readonly localEndpoint: ZipkinEndpoint | undefined;
  readonly remoteEndpoint: ZipkinEndpoint | undefined;
  readonly annotations: readonly ZipkinAnnotation[];
  readonly tags: ReadonlyMap<string, string>;
}
