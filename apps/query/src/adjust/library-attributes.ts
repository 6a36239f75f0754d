import type { Attribute, AttributeValue, Resource, Span } from '@spoor/model';
import { isEqual } from './duplicates.ts';
import { replaceSpans } from './replacement.ts';
import { withWarning } from './warnings.ts';

/** They say what the process was built with, so they belong to the resource (CONTRACT §7.6, 6). */
const LIBRARY_KEYS: ReadonlySet<string> = new Set([
  'telemetry.sdk.language',
  'telemetry.sdk.name',
  'telemetry.sdk.version',
  'telemetry.distro.name',
  'telemetry.distro.version',
]);

/** Moves them from the span to its resource. Where the resource says otherwise the span keeps its own, with a warning. */
export function moveLibraryAttributes(spans: readonly Span[]): readonly Span[] {
  const additionsOf = new Map<Resource, Map<string, AttributeValue>>();
  const cleaned = replaceSpans(spans, (span) => {
    if (!span.attributes.some(isLibraryAttribute)) return span;
    let additions = additionsOf.get(span.resource);
    if (additions === undefined) {
      additions = new Map();
      additionsOf.set(span.resource, additions);
    }
    return withoutMovable(span, additions);
  });
  if (additionsOf.size === 0) return spans;
  const resources = new Map<Resource, Resource>();
  for (const [resource, additions] of additionsOf) {
    if (additions.size === 0) continue;
    const added = Array.from(additions, ([key, value]): Attribute => ({ key, value }));
    resources.set(resource, { ...resource, attributes: [...resource.attributes, ...added] });
  }
  return replaceSpans(cleaned, (span) => {
    const resource = resources.get(span.resource);
    return resource === undefined ? span : { ...span, resource };
  });
}

function isLibraryAttribute(attribute: Attribute): boolean {
  return attribute.key.startsWith('telemetry.') && LIBRARY_KEYS.has(attribute.key);
}

function withoutMovable(span: Span, additions: Map<string, AttributeValue>): Span {
  const kept: Attribute[] = [];
  const conflicts: string[] = [];
  for (const attribute of span.attributes) {
    if (!isLibraryAttribute(attribute)) {
      kept.push(attribute);
      continue;
    }
    const { key, value } = attribute;
    const own = span.resource.attributes.find((other) => other.key === key)?.value ?? additions.get(key);
    if (own === undefined) additions.set(key, value);
    else if (!isEqual(own, value)) {
      kept.push(attribute);
      conflicts.push(key);
    }
  }
  let cleaned: Span = { ...span, attributes: kept };
  for (const key of conflicts)
    cleaned = withWarning(cleaned, `the span and its resource differ in ${key}; the span keeps its own value`);
  return cleaned;
}
