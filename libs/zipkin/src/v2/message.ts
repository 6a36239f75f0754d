/** What the JSON and the protobuf of Zipkin v2 both say, in native JavaScript types (CONTRACT §2.5). */

import type { Attribute } from '@spoor/model';

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
  /** The bytes of a value that is not UTF-8; `value` is `''` then. */
  readonly invalid?: Uint8Array;
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
  /** Somebody asked for this span, whatever the sampling says. */
  readonly debug: boolean;
  /** What of its name and its tags is not UTF-8, as bytes (CONTRACT §9.2, sanitiser 3). */
  readonly invalid: readonly Attribute[];
}
