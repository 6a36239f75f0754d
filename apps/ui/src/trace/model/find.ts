import type { Attribute, AttributeValue, Span } from '@spoor/model';
import { operationNameOf, serviceNameOf } from '@spoor/model';
import { plainText } from './attribute-text.ts';
import { ownAttributesOf, warningsOf } from './warnings.ts';

/** What someone looks for in a trace. */
export interface FindQuery {
  /** Lower case; each must be found somewhere in the span. */
  readonly words: readonly string[];
  /** Lower case; attributes with these keys are not looked at. */
  readonly withoutKeys: readonly string[];
  /** Span ids, lower case without leading zeros: a span with any of them is found. */
  readonly spanIds: readonly string[];
}

/**
 * Reads what was typed. Words are apart by spaces, `"…"` keeps spaces, `-key` leaves attributes of that key out.
 * Where every word is a whole span id, any of them will do: that is how links point at several spans.
 */
export function parseFind(text: string): FindQuery {
  const words: string[] = [];
  const withoutKeys: string[] = [];
  for (const [, quoted, bare] of text.toLowerCase().matchAll(/"([^"]*)"?|(\S+)/g)) {
    if (quoted !== undefined) {
      if (quoted !== '') words.push(quoted);
    } else if (bare !== undefined && bare.length > 1 && bare.startsWith('-')) withoutKeys.push(bare.slice(1));
    else if (bare !== undefined) words.push(bare);
  }
  const areIds = words.length > 0 && words.every((word) => /^[0-9a-f]{16}$/.test(word));
  return areIds ? { words: [], withoutKeys: [], spanIds: words } : { words, withoutKeys, spanIds: [] };
}

export function isEmptyFind(query: FindQuery): boolean {
  return query.words.length === 0 && query.spanIds.length === 0;
}

/** Matches spans of one trace against a query; remembers what it saw of shared resources. */
export class SpanMatcher {
  readonly #query: FindQuery;
  readonly #withoutKeys: ReadonlySet<string>;
  /** By resource: its words in common with the query, as bits. */
  readonly #ofResource = new WeakMap<object, number>();
  readonly #all: number;

  constructor(query: FindQuery) {
    // One bit a word; nobody types more, and a 32nd would be lost.
    this.#query = { ...query, words: query.words.slice(0, 30) };
    this.#withoutKeys = new Set(query.withoutKeys);
    this.#all = 2 ** this.#query.words.length - 1;
  }

  matches(span: Span): boolean {
    if (this.#query.spanIds.length > 0) return this.#query.spanIds.includes(span.spanId);
    let found = this.#ofResource.get(span.resource);
    if (found === undefined) {
      found = this.#inAttributes(span.resource.attributes, this.#inText(serviceNameOf(span.resource), 0));
      this.#ofResource.set(span.resource, found);
    }
    found = this.#inText(operationNameOf(span), found);
    found = this.#inText(span.status.message, found);
    found = this.#inText(span.scope.name, found);
    if (found !== this.#all) found = this.#inText(span.kind, found);
    if (found !== this.#all) found = this.#inIds(span, found);
    if (found !== this.#all) found = this.#inAttributes(ownAttributesOf(span), found);
    if (found !== this.#all) found = this.#inEventsAndLinks(span, found);
    if (found !== this.#all) for (const warning of warningsOf(span)) found = this.#inText(warning, found);
    return found === this.#all && this.#all > 0;
  }

  #inText(text: string, found: number): number {
    if (found === this.#all || text === '') return found;
    const lower = text.toLowerCase();
    let now = found;
    for (let i = 0; i < this.#query.words.length; i += 1) {
      if ((now & (1 << i)) === 0 && lower.includes(this.#query.words[i] ?? '')) now |= 1 << i;
    }
    return now;
  }

  /** Ids count only as a whole: parts of them would be found by chance. */
  #inIds(span: Span, found: number): number {
    let now = found;
    for (let i = 0; i < this.#query.words.length; i += 1) {
      const word = this.#query.words[i];
      if (word === span.spanId || (word !== undefined && word !== '' && word === span.parentSpanId)) now |= 1 << i;
    }
    return now;
  }

  #inAttributes(attributes: readonly Attribute[], found: number): number {
    let now = found;
    for (const attribute of attributes) {
      if (now === this.#all) break;
      if (this.#withoutKeys.size > 0 && this.#withoutKeys.has(attribute.key.toLowerCase())) continue;
      now = this.#inText(attribute.key, now);
      now = this.#inValue(attribute.key, attribute.value, now);
    }
    return now;
  }

  #inValue(key: string, value: AttributeValue, found: number): number {
    if (found === this.#all) return found;
    const text = typeof value === 'string' ? value : plainText(value);
    const now = this.#inText(text, found);
    if (now === this.#all) return now;
    // `key=value`, as tags are written elsewhere.
    return this.#query.words.some((word) => word.includes('=')) ? this.#inText(`${key}=${text}`, now) : now;
  }

  #inEventsAndLinks(span: Span, found: number): number {
    let now = found;
    for (const event of span.events) {
      now = this.#inText(event.name, now);
      now = this.#inAttributes(event.attributes, now);
    }
    for (const link of span.links) {
      now = this.#inText(link.traceId, now);
      now = this.#inText(link.spanId, now);
      now = this.#inAttributes(link.attributes, now);
    }
    return now;
  }
}

/** Spans between two pauses: decoding and matching so many takes a few milliseconds. */
const spansPerSlice = 1_000;

/**
 * Those of the rows 0 … `count` − 1 that match, ascending. Gives way every few milliseconds through `pause`, and stops with
 * `undefined` once `isCancelled` says so.
 */
export async function findRows(
  count: number,
  spanAt: (row: number) => Span,
  query: FindQuery,
  pause: () => Promise<void>,
  isCancelled: () => boolean,
): Promise<Int32Array | undefined> {
  const rows: number[] = [];
  const matcher = new SpanMatcher(query);
  for (let row = 0; row < count; row += 1) {
    if (row % spansPerSlice === spansPerSlice - 1) {
      await pause();
      if (isCancelled()) return undefined;
    }
    if (matcher.matches(spanAt(row))) rows.push(row);
  }
  return isCancelled() ? undefined : Int32Array.from(rows);
}
