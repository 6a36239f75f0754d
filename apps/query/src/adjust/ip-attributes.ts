import type { Attribute, Resource, Span } from '@spoor/model';
import { oncePerObject, replaceItems, replaceSpans } from './replacement.ts';

/** Addresses that old clients send as a number become dotted quads (CONTRACT §7.6, 5). */
export function formatIpAttributes(spans: readonly Span[]): readonly Span[] {
  const resourceOf = oncePerObject((resource: Resource) => {
    const attributes = replaceItems(resource.attributes, formatted);
    return attributes === resource.attributes ? resource : { ...resource, attributes };
  });
  return replaceSpans(spans, (span) => {
    const resource = resourceOf(span.resource);
    const attributes = span.attributes.some(isAddress) ? replaceItems(span.attributes, formatted) : span.attributes;
    return resource === span.resource && attributes === span.attributes ? span : { ...span, resource, attributes };
  });
}

function isAddress({ key }: Attribute): boolean {
  return key === 'ip' || key === 'peer.ipv4';
}

function formatted(attribute: Attribute): Attribute {
  if (!isAddress(attribute)) return attribute;
  const { value } = attribute;
  if (typeof value !== 'bigint' && (typeof value !== 'number' || !Number.isInteger(value))) return attribute;
  // As 32 bits: clients with signed integers send addresses from 128.0.0.0 on as negative numbers.
  const bits = Number(BigInt.asUintN(32, BigInt(value)));
  return { key: attribute.key, value: [24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.') };
}
