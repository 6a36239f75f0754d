import { soundEndOf } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { replaceSpans } from './replacement.ts';
import { withWarning } from './warnings.ts';

/** A span that ends before it starts gets the shortest duration there is, and says so (CONTRACT §9.2). A duration of zero is fine. */
export function sanitiseEndTimes(spans: readonly Span[]): readonly Span[] {
  return replaceSpans(spans, (span) => {
    const sound = soundEndOf(span);
    if (sound === undefined) return span;
    return withWarning({ ...span, endTimeUnixNano: sound.endTimeUnixNano }, sound.warning);
  });
}
