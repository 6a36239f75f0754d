import { createHash } from 'node:crypto';
import { spanOfStoredMessage, storedMessageOf } from '@spoor/jaeger';
import type { Attribute, Span } from '@spoor/model';

/**
 * The same for two spans that a schema of the peer cannot tell apart: what is left of a span once it was stored in it, whatever
 * the order of its attributes, which tags that are fields lose.
 */
export function storedKey(span: Span): string {
  const stored = spanOfStoredMessage(storedMessageOf(span));
  const canonical = {
    ...stored,
    attributes: inOrder(stored.attributes),
    resource: inOrder(stored.resource.attributes),
  };
  return createHash('sha256').update(textOf(canonical)).digest('base64').slice(0, 24);
}

function inOrder(attributes: readonly Attribute[]): string[] {
  return attributes.map(textOf).sort();
}

function textOf(whole: unknown): string {
  return JSON.stringify(whole, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
