import type { Span } from '@spoor/model';

export interface SpanGroup<K, H> {
  readonly key: K;
  /** The key, encoded. */
  readonly head: H;
  readonly members: Span[];
}

/**
 * Puts spans of equal resources or scopes together: by identity first, because spans that were decoded together share their
 * objects, then by `content`. Groups stand where their first span does; members keep their order.
 */
export function groupBy<K extends object, H>(
  spans: readonly Span[],
  keyOf: (span: Span) => K,
  encode: (key: K) => { readonly head: H; readonly content: string },
): Iterable<SpanGroup<K, H>> {
  const byIdentity = new Map<K, SpanGroup<K, H>>();
  const byContent = new Map<string, SpanGroup<K, H>>();
  let last: SpanGroup<K, H> | undefined;
  for (const span of spans) {
    const key = keyOf(span);
    if (last === undefined || last.key !== key) {
      last = byIdentity.get(key);
      if (last === undefined) {
        const { head, content } = encode(key);
        last = byContent.get(content);
        if (last === undefined) byContent.set(content, (last = { key, head, members: [] }));
        byIdentity.set(key, last);
      }
    }
    last.members.push(span);
  }
  return byContent.values();
}
