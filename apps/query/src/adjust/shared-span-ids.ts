import type { Span } from '@spoor/model';
import { replaceSpans } from './replacement.ts';

/**
 * Zipkin lets a client and a server span share one id. The server span gets a fresh one (a counter from 1 that skips the ids in
 * use), its parent becomes the client span, and the children of the old id become the server's (CONTRACT §7.6, 1).
 */
export function separateSharedSpanIds(spans: readonly Span[]): readonly Span[] {
  const shared = idsOfClientAndServer(spans);
  if (shared.size === 0) return spans;
  const used = new Set<string>();
  for (const span of spans) used.add(span.spanId);
  let counter = 0;
  const freshId = () => {
    let id: string;
    do {
      counter += 1;
      id = counter.toString(16).padStart(16, '0');
    } while (used.has(id));
    used.add(id);
    return id;
  };
  const serverIdOf = new Map<string, string>();
  const separated = replaceSpans(spans, (span) => {
    if (span.kind !== 'server' || !shared.has(span.spanId)) return span;
    const spanId = freshId();
    if (!serverIdOf.has(span.spanId)) serverIdOf.set(span.spanId, spanId);
    return { ...span, spanId, parentSpanId: span.spanId };
  });
  return replaceSpans(separated, (span, index) => {
    // A server span that was just separated already has the client span as its parent.
    if (span !== spans[index]) return span;
    const parentSpanId = serverIdOf.get(span.parentSpanId);
    return parentSpanId === undefined ? span : { ...span, parentSpanId };
  });
}

function idsOfClientAndServer(spans: readonly Span[]): ReadonlySet<string> {
  const clients = new Set<string>();
  for (const span of spans) if (span.kind === 'client') clients.add(span.spanId);
  const shared = new Set<string>();
  for (const span of spans) if (span.kind === 'server' && clients.has(span.spanId)) shared.add(span.spanId);
  return shared;
}
