import type { Attribute, Span } from '@spoor/model';

/** The span attribute in which warnings travel, as an array of strings (CONTRACT §2.6). */
export const WARNINGS_KEY = '@jaeger@warnings';

/** The span with a warning more. The span given is not changed. */
export function withWarning(span: Span, warning: string): Span {
  const others: Attribute[] = [];
  const warnings: string[] = [];
  for (const attribute of span.attributes) {
    if (attribute.key === WARNINGS_KEY) warnings.push(...warningsOf(attribute));
    else others.push(attribute);
  }
  warnings.push(warning);
  return { ...span, attributes: [...others, { key: WARNINGS_KEY, value: warnings }] };
}

/** The texts of a warnings attribute; whoever wrote one text instead of an array is understood too. */
export function warningsOf(attribute: Attribute): readonly string[] {
  const { value } = attribute;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
