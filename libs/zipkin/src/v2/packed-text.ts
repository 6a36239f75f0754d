import type { Attribute, AttributeValue, SpanEvent, SpanLink } from '@spoor/model';
import { tagText } from './tag-text.ts';

/** Zipkin has one text for an event and none for a link: both are packed into texts with `|` between their parts (CONTRACT §2.5). */

/** The text of an event: its name, and where it has more, its attributes as JSON and the count of those dropped. */
export function packedEvent({ name, attributes, droppedAttributesCount }: SpanEvent): string {
  if (attributes.length === 0 && droppedAttributesCount === 0) return name;
  return `${name}|${packedAttributes(attributes)}|${droppedAttributesCount}`;
}

/** What `packedEvent` made a text of; any other text is a name as it is, so that nothing of it is lost. */
export function unpackedEvent(text: string): Pick<SpanEvent, 'name' | 'attributes' | 'droppedAttributesCount'> {
  const first = text.indexOf('|');
  const last = text.lastIndexOf('|');
  const whole = { name: text, attributes: [], droppedAttributesCount: 0 };
  if (first === last) return whole;
  const attributes = unpackedAttributes(text.slice(first + 1, last));
  const count = countOf(text.slice(last + 1));
  if (attributes === undefined || count === undefined) return whole;
  return { name: text.slice(0, first), attributes, droppedAttributesCount: count };
}

/** The value of the tag `otlp.link.N`. */
export function packedLink({ traceId, spanId, traceState, attributes, droppedAttributesCount }: SpanLink): string {
  return `${traceId}|${spanId}|${traceState}|${packedAttributes(attributes)}|${droppedAttributesCount}`;
}

/** `undefined` for a text that is no link. */
export function unpackedLink(text: string): SpanLink | undefined {
  const parts = /^([0-9a-f]{32})\|([0-9a-f]{16})\|([^|]*)\|(.*)\|(\d{1,10})$/s.exec(text);
  if (parts === null) return undefined;
  const attributes = unpackedAttributes(parts[4]!);
  const droppedAttributesCount = countOf(parts[5]!);
  if (attributes === undefined || droppedAttributesCount === undefined) return undefined;
  return {
    traceId: parts[1]!,
    spanId: parts[2]!,
    traceState: parts[3]!,
    attributes,
    droppedAttributesCount,
    flags: 0,
  };
}

function countOf(text: string): number | undefined {
  const count = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return count <= 0xffffffff ? count : undefined;
}

/** A JSON object. Integers stay integers in the text; bytes, lists and what JSON has no number for become texts. */
function packedAttributes(attributes: readonly Attribute[]): string {
  const fields = attributes.map(({ key, value }) => `${JSON.stringify(key)}:${jsonOf(value)}`);
  return `{${fields.join(',')}}`;
}

function jsonOf(value: AttributeValue): string {
  if (value === null) return '""';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  // A double that is whole would come back as an integer.
  if (typeof value === 'number' && Number.isFinite(value) && !Number.isInteger(value)) return String(value);
  return JSON.stringify(tagText(value));
}

/** Numbers without a fraction are integers. `undefined` for a text that is no JSON object. */
function unpackedAttributes(text: string): Attribute[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text, exactInteger);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  return Object.entries(parsed).map(([key, value]: [string, unknown]) => ({ key, value: attributeOf(value) }));
}

/** A reviver; engines pass the number as it was written. */
function exactInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? '';
  if (typeof value !== 'number' || !/^-?\d{1,20}$/.test(source)) return value;
  const integer = BigInt(source);
  return BigInt.asIntN(64, integer) === integer ? integer : value;
}

function attributeOf(value: unknown): AttributeValue {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (typeof value === 'number') return value;
  return value === null
    ? ''
    : JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}
