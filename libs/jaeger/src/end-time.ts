import { formatRfc3339, type Span } from '@spoor/model';

export interface SoundEnd {
  readonly endTimeUnixNano: bigint;
  /** In the words of the peer. */
  readonly warning: string;
}

/** The end of a span that ends before it starts: the shortest duration there is (CONTRACT §9.2, sanitiser 4). Zero is fine. */
export function soundEndOf(span: Pick<Span, 'startTimeUnixNano' | 'endTimeUnixNano'>): SoundEnd | undefined {
  if (span.endTimeUnixNano >= span.startTimeUnixNano) return undefined;
  const endTimeUnixNano = span.startTimeUnixNano + 1n;
  const warning =
    'Negative duration detected, sanitizing end timestamp. ' +
    `Original end timestamp: ${formatRfc3339(span.endTimeUnixNano)}, adjusted to: ${formatRfc3339(endTimeUnixNano)}`;
  return { endTimeUnixNano, warning };
}
