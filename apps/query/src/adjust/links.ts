import type { Span, SpanLink } from '@spoor/model';
import { replaceSpans } from './replacement.ts';
import { withWarning } from './warnings.ts';

/** Drops links that lead nowhere, with a warning (CONTRACT §7.6, 7). */
export function dropEmptyLinks(spans: readonly Span[]): readonly Span[] {
  return replaceSpans(spans, (span) => {
    if (!span.links.some(isEmpty)) return span;
    const links = span.links.filter((link) => !isEmpty(link));
    const dropped = span.links.length - links.length;
    const what = dropped === 1 ? 'a link' : `${dropped} links`;
    return withWarning({ ...span, links }, `dropped ${what} with an empty trace ID or span ID`);
  });
}

function isEmpty(link: SpanLink): boolean {
  return /^0*$/.test(link.traceId) || /^0*$/.test(link.spanId);
}
