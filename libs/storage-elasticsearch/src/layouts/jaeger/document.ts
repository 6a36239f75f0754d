import type { Log, Process, Tag, TagValue } from '@spoor/jaeger';
import { storedMessageOf, storedProcessOf } from '@spoor/jaeger';
import type { Resource, Scope, Span } from '@spoor/model';
import { DEFAULT_TENANT } from '@spoor/model';
import type { SpanCursor } from '@spoor/otlp';
import { decodeResource, decodeScope, decodeSpan, hexOf } from '@spoor/otlp';
import type { JsonBuffer } from '../../writer/json-buffer.ts';
import { type LayoutOptions, type SpanEncoder, STREAM_TIME } from '../layout.ts';
import { fnv64a } from './fnv64.ts';
import type { TagFields } from './tag-fields.ts';
import { ALWAYS_FIELDS } from './tag-fields.ts';

const utf8 = new TextEncoder();
const AFTER_ID = utf8.encode('"}}\n');
const NEWLINE = 0x0a;
const MICROSECOND = 1_000n;
/** Digits that stay as they are; the language's declarations do not know it yet. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): object };

/** In place of the resource, whose part of the document is written once for all of its spans. */
const NO_RESOURCE: Resource = Object.freeze({ attributes: [], droppedAttributesCount: 0, schemaUrl: '' });

/** Writes spans as the peer's documents (CONTRACT §5.2), by way of the model: the peer's layout is not the cheap one. */
export class JaegerSpanEncoder implements SpanEncoder {
  private readonly fields: TagFields;
  private readonly isStream: boolean;
  private cursor: SpanCursor | undefined;
  private resourceNumber = -1;
  private scopeNumber = -1;
  private process = '';
  private scope: Scope | undefined;

  constructor(fields: TagFields, { isStream }: LayoutOptions) {
    this.fields = fields;
    this.isStream = isStream;
  }

  append(cursor: SpanCursor, tenant: string, action: Uint8Array, out: JsonBuffer): void {
    const span = this.span(cursor);
    const time = this.isStream ? streamTimeText(span) : '';
    const document = utf8.encode(
      `${spanText(span, this.fields)},"process":${this.process}${tenantText(tenant)}${time}}`,
    );
    out.raw(action);
    out.ascii(`${span.traceId}_${span.spanId}_${fnv64a(document)}`);
    out.raw(AFTER_ID);
    out.raw(document);
    out.byte(NEWLINE);
  }

  /** Without its resource. */
  private span(cursor: SpanCursor): Span {
    const { bytes } = cursor;
    const isOther = cursor !== this.cursor;
    if (isOther || cursor.resourceNumber !== this.resourceNumber) {
      const resource = decodeResource(bytes, cursor.resourceStart, cursor.resourceEnd, '');
      this.process = JSON.stringify(processJson(storedProcessOf(resource), this.fields));
      this.resourceNumber = cursor.resourceNumber;
    }
    if (isOther || this.scope === undefined || cursor.scopeNumber !== this.scopeNumber) {
      this.scope = decodeScope(bytes, cursor.scopeStart, cursor.scopeEnd, '');
      this.scopeNumber = cursor.scopeNumber;
    }
    this.cursor = cursor;
    return decodeSpan(bytes, cursor.spanStart, cursor.spanEnd, NO_RESOURCE, this.scope);
  }
}

/** The document as JSON, its fields in the order of the peer, up to the process, which is the last. */
function spanText(span: Span, fields: TagFields): string {
  const message = storedMessageOf(span);
  const tags = fields.split(message.tags, ALWAYS_FIELDS);
  const startMicros = message.startTimeUnixNano / MICROSECOND;
  const text = JSON.stringify({
    traceID: message.traceId,
    spanID: message.spanId,
    ...(span.parentSpanId === '' ? {} : { parentSpanID: span.parentSpanId }),
    ...(message.flags === 0 ? {} : { flags: message.flags }),
    operationName: message.operationName,
    references: message.references.map(({ type, traceId, spanId }) => ({
      refType: type,
      traceID: traceId,
      spanID: spanId,
    })),
    startTime: valueJson(startMicros),
    startTimeMillis: Number(startMicros / 1_000n),
    duration: valueJson(message.durationNanos / MICROSECOND),
    tags: tags.list.map(tagJson),
    ...fieldsJson('tag', tags.fields, fields),
    logs: message.logs.map(logJson),
  });
  return text.slice(0, -1);
}

/** CONTRACT §5.1: in RFC 3339. */
function streamTimeText({ startTimeUnixNano }: Span): string {
  return `,"${STREAM_TIME}":"${new Date(Number(startTimeUnixNano / 1_000_000n)).toISOString()}"`;
}

/** Tenants but the default one have a field, which the peer ignores. */
function tenantText(tenant: string): string {
  return tenant === DEFAULT_TENANT ? '' : `,"tenant":${JSON.stringify(tenant)}`;
}

function processJson({ serviceName, tags }: Process, fields: TagFields): object {
  const split = fields.split(tags);
  return { serviceName, tags: split.list.map(tagJson), ...fieldsJson('tag', split.fields, fields) };
}

function logJson(log: Log): object {
  return { timestamp: valueJson(log.timeUnixNano / MICROSECOND), fields: log.fields.map(tagJson) };
}

function tagJson({ key, value }: Tag): object {
  return { key, type: typeOf(value), value: valueJson(value) };
}

function fieldsJson(name: string, tags: readonly Tag[], fields: TagFields): object {
  if (tags.length === 0) return {};
  return { [name]: Object.fromEntries(tags.map(({ key, value }) => [fields.nameOf(key), valueJson(value)])) };
}

function typeOf(value: TagValue): string {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int64';
    case 'number':
      return 'float64';
    default:
      return 'binary';
  }
}

/** The value in its type of JSON: binary as hex, as v2 writes it; doubles that JSON does not know as texts. */
function valueJson(value: TagValue): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : rawJson(value.toString());
  }
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return rawJson('-0');
    return Number.isFinite(value) ? value : String(value);
  }
  return typeof value === 'object' ? hexOf(value) : value;
}
