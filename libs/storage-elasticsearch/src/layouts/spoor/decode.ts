import type {
  Attribute,
  AttributeValue,
  Resource,
  Scope,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from '@spoor/model';
import { SPAN_KINDS, SpoorError, STATUS_CODES } from '@spoor/model';
import { bytesOfBase64, decodeResource } from '@spoor/otlp';
import type { ExactJson, ExactObject } from '../layout.ts';
import { splitTerm } from './term.ts';
import { TYPE } from './types.ts';

/** The span of a document's `_source`. Throws `SPOOR_STORAGE_CORRUPT` when it is not one of this layout's. */
export function decodeSpoorSpan(source: ExactObject): Span {
  const traceId = text(source, 'traceId');
  const spanId = text(source, 'spanId');
  if (traceId === '' || spanId === '') throw corrupt('it has no trace id or no span id');
  const start = integer(source, 'start');
  return {
    traceId,
    spanId,
    parentSpanId: text(source, 'parentSpanId'),
    traceState: text(source, 'traceState'),
    flags: count(source, 'flags'),
    name: source['name'] === undefined ? text(source, 'operation') : text(source, 'name'),
    kind: oneOf<SpanKind>(SPAN_KINDS, source, 'kind', 'unspecified'),
    startTimeUnixNano: start,
    endTimeUnixNano: source['end'] === undefined ? start + integer(source, 'duration') : integer(source, 'end'),
    attributes: attributesOf(source, 'attributes', 'attributeTypes', 'attributesExact'),
    droppedAttributesCount: count(source, 'droppedAttributes'),
    events: objects(source, 'events').map(eventOf),
    droppedEventsCount: count(source, 'droppedEvents'),
    links: objects(source, 'links').map(linkOf),
    droppedLinksCount: count(source, 'droppedLinks'),
    status: {
      code: oneOf<StatusCode>(STATUS_CODES, source, 'status', 'unset'),
      message: text(source, 'statusMessage'),
    },
    resource: resourceOf(source),
    scope: scopeOf(source['scope']),
  };
}

function resourceOf(source: ExactObject): Resource {
  return {
    attributes: attributesOf(source, 'resource', 'resourceTypes', 'resourceExact'),
    droppedAttributesCount: count(source, 'resourceDropped'),
    schemaUrl: text(source, 'resourceSchemaUrl'),
  };
}

function scopeOf(value: ExactJson | undefined): Scope {
  const scope = value === undefined ? {} : objectOf(value, 'scope');
  return {
    name: text(scope, 'name'),
    version: text(scope, 'version'),
    attributes: partAttributes(scope),
    droppedAttributesCount: count(scope, 'dropped'),
    schemaUrl: text(scope, 'schemaUrl'),
  };
}

function eventOf(event: ExactObject): SpanEvent {
  return {
    timeUnixNano: integer(event, 'time'),
    name: text(event, 'name'),
    attributes: partAttributes(event),
    droppedAttributesCount: count(event, 'dropped'),
  };
}

function linkOf(link: ExactObject): SpanLink {
  return {
    traceId: text(link, 'traceId'),
    spanId: text(link, 'spanId'),
    traceState: text(link, 'traceState'),
    attributes: partAttributes(link),
    droppedAttributesCount: count(link, 'dropped'),
    flags: count(link, 'flags'),
  };
}

function partAttributes(part: ExactObject): Attribute[] {
  return attributesOf(part, 'attributes', 'types', 'exact');
}

function attributesOf(source: ExactObject, name: string, types: string, exact: string): Attribute[] {
  const terms = source[name];
  if (terms === undefined) return [];
  if (!Array.isArray(terms)) throw corrupt(`"${name}" is not a list`);
  const letters = text(source, types);
  const kept = text(source, exact);
  const exactly = kept === '' ? [] : keptAttributes(kept);
  let next = 0;
  return terms.map((term: ExactJson, i: number): Attribute => {
    if (typeof term !== 'string') throw corrupt(`"${name}" holds something that is no text`);
    const type = letters === '' ? TYPE.string : letters.charCodeAt(i);
    if (type === TYPE.kept) {
      const attribute = exactly[next++];
      if (attribute === undefined) throw corrupt(`"${exact}" lacks an attribute`);
      return attribute;
    }
    const { key, text: value } = splitTerm(term);
    return { key, value: attributeValue(type, value) };
  });
}

function keptAttributes(base64: string): readonly Attribute[] {
  const bytes = bytesOfBase64(base64);
  if (bytes === undefined) throw corrupt('attributes that are kept exactly are not base64');
  return decodeResource(bytes, 0, bytes.length, '').attributes;
}

function attributeValue(type: number, value: string): AttributeValue {
  switch (type) {
    case TYPE.string:
      return value;
    case TYPE.boolean:
      return value === 'true';
    case TYPE.integer:
      return bigintOf(value);
    case TYPE.double:
      return Number(value);
    case TYPE.bytes:
      return new Uint8Array(Buffer.from(value, 'hex'));
    case TYPE.empty:
      return null;
    case TYPE.array:
      return parsedExactly(value);
    default:
      throw corrupt(`it has an attribute of the unknown type ${type}`);
  }
}

/** Every number in it is an integer; the text of one is exact where the number is not. */
function parsedExactly(json: string): AttributeValue {
  const parse = JSON.parse as (
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ) => AttributeValue;
  return parse(json, (_key, part, { source }) => (typeof part === 'number' ? bigintOf(source) : part));
}

function bigintOf(digits: string): bigint {
  if (!/^-?\d{1,20}$/.test(digits)) throw corrupt('an integer is none');
  return BigInt(digits);
}

function text(source: ExactObject, name: string): string {
  const value = source[name];
  if (value === undefined) return '';
  if (typeof value !== 'string') throw corrupt(`"${name}" is no text`);
  return value;
}

function integer(source: ExactObject, name: string): bigint {
  const value = source[name];
  if (typeof value === 'bigint') return value;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw corrupt(`"${name}" is no integer`);
  return BigInt(value);
}

function count(source: ExactObject, name: string): number {
  return source[name] === undefined ? 0 : Number(integer(source, name));
}

function oneOf<T extends string>(values: readonly T[], source: ExactObject, name: string, otherwise: T): T {
  const value = source[name];
  if (value === undefined) return otherwise;
  const known = values.find((one) => one === value);
  if (known === undefined) throw corrupt(`"${name}" is none of ${values.join(', ')}`);
  return known;
}

function objects(source: ExactObject, name: string): ExactObject[] {
  const value = source[name];
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw corrupt(`"${name}" is not a list`);
  return value.map((one: ExactJson) => objectOf(one, name));
}

function objectOf(value: ExactJson, name: string): ExactObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(`"${name}" is no object`);
  return value as ExactObject;
}

function corrupt(what: string): SpoorError {
  return new SpoorError('SPOOR_STORAGE_CORRUPT', `a document of the layout spoor cannot be read: ${what}`);
}
