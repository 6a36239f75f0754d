import type { Attribute, Resource, Scope, Span, SpanEvent, SpanLink } from '@spoor/model';
import { oncePerObject, replaceItems, replaceSpans } from './replacement.ts';

/** Attributes in the order of their keys, events in the order of their names; equal ones stay as they came (CONTRACT §7.6, 2). */
export function sortCollections(spans: readonly Span[]): readonly Span[] {
  const resourceOf = oncePerObject(withSortedAttributes<Resource>);
  const scopeOf = oncePerObject(withSortedAttributes<Scope>);
  return replaceSpans(spans, (span) => {
    const resource = resourceOf(span.resource);
    const scope = scopeOf(span.scope);
    const attributes = sortedAttributes(span.attributes);
    const events = sortedEvents(span.events);
    const links = span.links.length === 0 ? span.links : replaceItems(span.links, withSortedAttributes<SpanLink>);
    if (
      resource === span.resource &&
      scope === span.scope &&
      attributes === span.attributes &&
      events === span.events &&
      links === span.links
    )
      return span;
    return { ...span, resource, scope, attributes, events, links };
  });
}

function withSortedAttributes<T extends { readonly attributes: readonly Attribute[] }>(owner: T): T {
  const attributes = sortedAttributes(owner.attributes);
  return attributes === owner.attributes ? owner : { ...owner, attributes };
}

function sortedAttributes(attributes: readonly Attribute[]): readonly Attribute[] {
  for (let index = 1; index < attributes.length; index += 1) {
    if (attributes[index]!.key < attributes[index - 1]!.key) return sortedCopy(attributes);
  }
  return attributes;
}

/** Spans have about ten attributes: inserting each in its place takes half of what the general sort takes. */
const INSERTION_SORT_MAX = 24;

function sortedCopy(attributes: readonly Attribute[]): readonly Attribute[] {
  const sorted = attributes.slice();
  if (sorted.length > INSERTION_SORT_MAX) return sorted.sort(byKey);
  for (let index = 1; index < sorted.length; index += 1) {
    const attribute = sorted[index]!;
    const { key } = attribute;
    let place = index;
    while (place > 0 && key < sorted[place - 1]!.key) {
      sorted[place] = sorted[place - 1]!;
      place -= 1;
    }
    sorted[place] = attribute;
  }
  return sorted;
}

function sortedEvents(events: readonly SpanEvent[]): readonly SpanEvent[] {
  if (events.length === 0) return events;
  const sorted = replaceItems(events, withSortedAttributes<SpanEvent>);
  for (let index = 1; index < sorted.length; index += 1) {
    if (sorted[index]!.name < sorted[index - 1]!.name) return sorted.slice().sort(byName);
  }
  return sorted;
}

function byKey(a: Attribute, b: Attribute): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function byName(a: SpanEvent, b: SpanEvent): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
