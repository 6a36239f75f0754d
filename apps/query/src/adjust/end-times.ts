import type { Span } from '@spoor/model';
import { formatRfc3339 } from '../text/rfc3339.ts';
import { replaceSpans } from './replacement.ts';
import { withWarning } from './warnings.ts';

/** A span that ends before it starts gets the shortest duration there is, and says so (CONTRACT §9.2). A duration of zero is fine. */
export function sanitiseEndTimes(spans: readonly Span[]): readonly Span[] {
  return replaceSpans(spans, (span) => {
    if (span.endTimeUnixNano >= span.startTimeUnixNano) return span;
    const endTimeUnixNano = span.startTimeUnixNano + 1n;
    return withWarning(
      { ...span, endTimeUnixNano },
      'Negative duration detected, sanitizing end timestamp. ' +
        `Original end timestamp: ${formatRfc3339(span.endTimeUnixNano)}, adjusted to: ${formatRfc3339(endTimeUnixNano)}`,
    );
  });
}
