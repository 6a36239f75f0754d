import type { Attribute } from '@spoor/model';

/** The span attribute in which warnings travel, as an array of strings (CONTRACT §2.6). */
export const WARNINGS_KEY = '@jaeger@warnings';

/** The texts of a warnings attribute; whoever wrote one text instead of an array is understood too. */
export function warningsOf(attribute: Attribute): readonly string[] {
  const { value } = attribute;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** The warnings of a span, from wherever among its attributes. */
export function warningsOfSpan(span: { readonly attributes: readonly Attribute[] }): readonly string[] {
  const attribute = span.attributes.find(({ key }) => key === WARNINGS_KEY);
  return attribute === undefined ? [] : warningsOf(attribute);
}
