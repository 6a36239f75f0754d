import type { Span } from '@spoor/model';

/** What tells a store with a schema of its own from one in the schema of the peer. All else is the same for every store. */
export interface StorageTraits {
  /** What all times and durations are multiples of: microseconds where the schema says so (CONTRACT §5.2, §6). */
  readonly resolutionNanos: 1n | 1_000n;
  /**
   * The span that the store gives back for one that it was given: without what its schema has no place for (CONTRACT §2.6).
   * Two spans that differ only in that are the same span there.
   */
  asStored(span: Span): Span;
  /** How many of the random scenarios run: fewer where each request goes over a network. */
  readonly scenarios: number;
}

/** A store that keeps everything. */
export const EXACT: StorageTraits = { resolutionNanos: 1n, asStored: (span) => span, scenarios: 15 };

/** The spans as stored, those that are the same there once. */
export function distinctAsStored(spans: readonly Span[], { asStored }: StorageTraits): Span[] {
  return [...new Map(spans.map(asStored).map((span) => [textOf(span), span])).values()];
}

/** All of it as text, so that spans can be compared and sorted. */
export function textOf(whole: unknown): string {
  return JSON.stringify(whole, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
