import { WARNINGS_KEY, warningsOf } from '@spoor/jaeger';
import type { Attribute, Span } from '@spoor/model';

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
