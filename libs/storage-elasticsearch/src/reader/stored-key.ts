import { hash } from 'node:crypto';
import { spanOfStoredMessage, storedMessageOf } from '@spoor/jaeger';
import type { Attribute, AttributeValue, Span } from '@spoor/model';
import { attributeText } from '@spoor/otlp';

/**
 * The same for two spans that a schema of the peer cannot tell apart: what is left of a span once it was stored in it, whatever
 * the order of its attributes, which tags that are fields lose.
 */
export function storedKey(span: Span): string {
  return keyOfStored(spanOfStoredMessage(storedMessageOf(span)));
}

/** As `storedKey`, of a span that was read from such a schema. */
export function keyOfStored(span: Span): string {
  const { status, scope } = span;
  const texts = [span.traceId, span.spanId, span.parentSpanId, span.name, span.kind, span.traceState];
  const facts = [span.flags, span.startTimeUnixNano, span.endTimeUnixNano, status.code, span.events.length];
  texts.push(facts.join(' '), status.message, scope.name, scope.version);
  texts.push(...textsOf(span.attributes), '', ...textsOf(span.resource.attributes), '');
  for (const event of span.events) texts.push(`${event.timeUnixNano}`, event.name, ...textsOf(event.attributes), '');
  for (const link of span.links) texts.push(link.traceId, link.spanId, ...textsOf(link.attributes), '');
  // With the lengths, no two lists of texts make the same one.
  return hash('sha1', texts.map((text) => `${text.length}:${text}`).join(''), 'base64');
}

function textsOf(attributes: readonly Attribute[]): string[] {
  return attributes.map(({ key, value }) => `${typeOf(value)}${key.length} ${key} ${attributeText(value)}`).sort();
}

function typeOf(value: AttributeValue): string {
  return value instanceof Uint8Array ? 'bytes' : typeof value;
}
