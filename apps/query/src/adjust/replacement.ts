import type { Span } from '@spoor/model';

/** Replaces spans one by one. Hands back the same array when `replace` returns each span as it was. */
export function replaceSpans(spans: readonly Span[], replace: (span: Span, index: number) => Span): readonly Span[] {
  let replaced: Span[] | undefined;
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index]!;
    const replacement = replace(span, index);
    if (replacement === span) continue;
    replaced ??= spans.slice();
    replaced[index] = replacement;
  }
  return replaced ?? spans;
}

/** Replaces items one by one; the same array when none changed. */
export function replaceItems<T>(items: readonly T[], replace: (item: T) => T): readonly T[] {
  let replaced: T[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index]!;
    const replacement = replace(item);
    if (replacement === item) continue;
    replaced ??= items.slice();
    replaced[index] = replacement;
  }
  return replaced ?? items;
}

/** Remembers the answer for each object, because all spans of a `ResourceSpans` share one resource object and one scope object. */
export function oncePerObject<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const answers = new Map<K, V>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = compute(key);
    answers.set(key, answer);
    return answer;
  };
}
