import type { Span } from '@spoor/model';

/** Keeps the first of spans that are equal in resource, scope and content (CONTRACT §7.6, 3). */
export function dropDuplicates(spans: readonly Span[]): readonly Span[] {
  const firstOfId = new Map<string, Span | Span[]>();
  let kept: Span[] | undefined;
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index]!;
    if (isKnown(firstOfId, span)) kept ??= spans.slice(0, index);
    else kept?.push(span);
  }
  return kept ?? spans;
}

/** Only spans of one id are compared, so a trace without repeated ids costs one look-up a span. */
function isKnown(seen: Map<string, Span | Span[]>, span: Span): boolean {
  const known = seen.get(span.spanId);
  if (known === undefined) {
    seen.set(span.spanId, span);
    return false;
  }
  if (Array.isArray(known)) {
    if (known.some((other) => isEqual(other, span))) return true;
    known.push(span);
    return false;
  }
  if (isEqual(known, span)) return true;
  seen.set(span.spanId, [known, span]);
  return false;
}

/** Deep equality of plain values, arrays, byte arrays and objects. Depth is bounded by what the receivers let in. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array || b instanceof Uint8Array)
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => isEqual(item, b[index]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isEqual(a[key as keyof typeof a], b[key as keyof typeof b]));
}
