import type { Log, Process, Reference, Tag } from '@spoor/jaeger';
import { spanOfStoredMessage } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { ExactJson, ExactObject } from '../layout.ts';
import type { TagFields } from './tag-fields.ts';
import { fieldValueOf, tagValueOf } from './tag-value.ts';

const MICROSECOND = 1_000n;
const TRACE_ID = /^[0-9a-f]{1,32}$/i;
const SPAN_ID = /^[0-9a-f]{1,16}$/i;

/**
 * The span of a document that Spoor or a Jaeger wrote (CONTRACT §5.2): ids as v1 writes them are padded, fields of `tag` go
 * back among the tags, `null` is an empty list. Throws `SPOOR_STORAGE_CORRUPT`.
 */
export function decodeJaegerSpan(source: ExactObject, fields: TagFields): Span {
  const traceId = idOf(source, 'traceID', TRACE_ID, 32);
  const process = objectOf(source['process'] ?? {}, 'process');
  return spanOfStoredMessage({
    traceId,
    spanId: idOf(source, 'spanID', SPAN_ID, 16),
    operationName: text(source, 'operationName'),
    references: referencesOf(source, traceId),
    flags: Number(integer(source, 'flags')),
    startTimeUnixNano: integer(source, 'startTime') * MICROSECOND,
    durationNanos: integer(source, 'duration') * MICROSECOND,
    tags: tagsOf(source, fields),
    logs: objects(source, 'logs').map(logOf),
    process: processOf(process, fields),
    warnings: [],
  });
}

/** Since 2.20 the parent may stand in a field of its own only; elsewhere it is the first CHILD_OF as well. */
function referencesOf(source: ExactObject, traceId: string): Reference[] {
  const references = objects(source, 'references').map(
    (reference): Reference => ({
      type: text(reference, 'refType') === 'FOLLOWS_FROM' ? 'FOLLOWS_FROM' : 'CHILD_OF',
      traceId: idOf(reference, 'traceID', TRACE_ID, 32),
      spanId: idOf(reference, 'spanID', SPAN_ID, 16),
    }),
  );
  if (text(source, 'parentSpanID') === '') return references;
  const parent: Reference = { type: 'CHILD_OF', traceId, spanId: idOf(source, 'parentSpanID', SPAN_ID, 16) };
  const isParent = (one: Reference) =>
    one.type === 'CHILD_OF' && one.traceId === parent.traceId && one.spanId === parent.spanId;
  return [parent, ...references.filter((one) => !isParent(one))];
}

function processOf(process: ExactObject, fields: TagFields): Process {
  return { serviceName: text(process, 'serviceName'), tags: tagsOf(process, fields) };
}

function logOf(log: ExactObject): Log {
  return { timeUnixNano: integer(log, 'timestamp') * MICROSECOND, fields: objects(log, 'fields').map(tagOf) };
}

function tagsOf(of: ExactObject, fields: TagFields): Tag[] {
  const tags = objects(of, 'tags').map(tagOf);
  for (const [name, value] of Object.entries(objectOf(of['tag'] ?? {}, 'tag')))
    tags.push({ key: fields.keyOf(name), value: fieldValueOf(value) });
  return tags;
}

function tagOf(tag: ExactObject): Tag {
  return { key: text(tag, 'key'), value: tagValueOf(tag['type'], tag['value'] ?? '') };
}

function idOf(of: ExactObject, name: string, form: RegExp, digits: number): string {
  const id = text(of, name);
  if (!form.test(id)) throw corrupt(`"${name}" is ${JSON.stringify(id.slice(0, 40))}, not up to ${digits} digits`);
  return id.toLowerCase().padStart(digits, '0');
}

function text(of: ExactObject, name: string): string {
  const value = of[name] ?? '';
  if (typeof value !== 'string') throw corrupt(`"${name}" is no text`);
  return value;
}

function integer(of: ExactObject, name: string): bigint {
  const value = of[name] ?? 0;
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (!isWhole) throw corrupt(`"${name}" is no whole number`);
  return BigInt(value);
}

function objects(of: ExactObject, name: string): ExactObject[] {
  const value = of[name] ?? [];
  if (!Array.isArray(value)) throw corrupt(`"${name}" is no list`);
  return value.map((entry: ExactJson) => objectOf(entry, name));
}

function objectOf(value: ExactJson, name: string): ExactObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw corrupt(`"${name}" holds no object`);
  return value as ExactObject;
}

function corrupt(what: string): SpoorError {
  return new SpoorError('SPOOR_STORAGE_CORRUPT', `a document of the layout jaeger cannot be read: ${what}`);
}
