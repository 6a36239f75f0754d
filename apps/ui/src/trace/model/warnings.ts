import type { Attribute, Span } from '@spoor/model';

/** The attribute in which the query service hands warnings over (CONTRACT §7.6). It is not one of the sender's. */
export const WARNINGS_KEY = '@jaeger@warnings';

export function hasWarnings(span: Span): boolean {
  for (const attribute of span.attributes) if (attribute.key === WARNINGS_KEY) return true;
  return false;
}

/** What the query service has to say about the span. */
export function warningsOf(span: Span): readonly string[] {
  const value = span.attributes.find((attribute) => attribute.key === WARNINGS_KEY)?.value;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** The sender's own attributes. */
export function ownAttributesOf(span: Span): readonly Attribute[] {
  return hasWarnings(span) ? span.attributes.filter((attribute) => attribute.key !== WARNINGS_KEY) : span.attributes;
}
