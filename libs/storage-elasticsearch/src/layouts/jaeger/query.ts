import { FLAGS_KEY } from '@spoor/jaeger';
import type { SpanKind } from '@spoor/model';
import {
  DEFAULT_TENANT,
  EMPTY_SERVICE_NAME,
  EMPTY_SPAN_NAME,
  MISSING_SERVICE_NAME,
  SERVICE_NAME_KEY,
  SPAN_KINDS,
  WRONG_TYPE_SERVICE_NAME,
} from '@spoor/model';
import type { AttributeCondition, TraceQuery } from '@spoor/storage';
import { decimalOf } from '@spoor/storage';
import type { LayoutQuery, RequestObject } from '../layout.ts';
import type { Clause } from './clause.ts';
import { all, any, EVERYTHING, exactly, exists, keywordIs, loosely, not, term, terms } from './clause.ts';
import type { TagFields } from './tag-fields.ts';
import { hasNumber, hasTag, spanTagIs, spanTagMatches, tagIs } from './tag-query.ts';

const MICROSECOND = 1_000n;
const MAX_LONG = (1n << 63n) - 1n;
/** What v2's translator writes for a resource without attributes, when no sanitiser ran before it (CONTRACT §2.6). */
const NO_SERVICE_NAME = 'OTLPResourceNoServiceName';

/**
 * Tags that stand for something else once they are read (CONTRACT §2.6, the reverse), so that the index cannot tell whether an
 * attribute of that name is there.
 */
const TRANSLATED_KEYS: ReadonlySet<string> = new Set([
  'otel.status_code',
  'otel.status_description',
  'otel.scope.name',
  'otel.scope.version',
  'w3c.tracestate',
  'event',
  '@jaeger@warnings',
  FLAGS_KEY,
  'hostname',
  'host.name',
  'jaeger.version',
  'opencensus.exporterversion',
]);

/** All conditions are filters on one document. Throws `SPOOR_INVALID_REQUEST` for a bound that is no number. */
export function jaegerQuery(query: TraceQuery, tenant: string, fields: TagFields): LayoutQuery {
  const { time, minDurationNanos, maxDurationNanos } = query;
  const clauses = [
    isOfTenant(tenant),
    range('startTime', ceilMicros(time.startUnixNano), floorMicros(time.endUnixNano)),
  ];
  if (query.serviceName !== undefined) clauses.push(serviceIs(query.serviceName));
  if (query.operationName !== undefined) clauses.push(operationIs(query.operationName));
  if (query.spanKind !== undefined) clauses.push(kindIs(query.spanKind, fields));
  if (minDurationNanos !== undefined || maxDurationNanos !== undefined)
    clauses.push(
      range(
        'duration',
        minDurationNanos === undefined ? undefined : ceilMicros(minDurationNanos),
        maxDurationNanos === undefined ? undefined : floorMicros(maxDurationNanos),
      ),
    );
  for (const condition of query.attributes) clauses.push(holds(condition, fields));
  const whole = all(...clauses);
  return { query: whole.query, mustVerify: !whole.isExact };
}

/** Finds trace ids of all forms: 32 digits, and v1's 16 digits and those without leading zeros. */
export function jaegerTracesQuery(traceIds: readonly string[], tenant: string): RequestObject {
  return all(isOfTenant(tenant), terms('traceID', traceIds.flatMap(formsOfTraceId))).query;
}

/** A document of the default tenant has no field for it, as the peer's have none. */
export function isOfTenant(tenant: string): Clause {
  return tenant === DEFAULT_TENANT ? not(exists('tenant')) : term('tenant', tenant);
}

function formsOfTraceId(traceId: string): string[] {
  const short = traceId.startsWith('0'.repeat(16)) ? [traceId.slice(16)] : [];
  return [...new Set([traceId, ...short, traceId.replace(/^0+/, '')])];
}

function serviceIs(name: string): Clause {
  const field = 'process.serviceName';
  return name === MISSING_SERVICE_NAME ? terms(field, [name, '', NO_SERVICE_NAME]) : keywordIs(field, name);
}

function operationIs(name: string): Clause {
  return name === EMPTY_SPAN_NAME ? terms('operationName', [name, '']) : keywordIs('operationName', name);
}

function kindIs(kind: SpanKind, fields: TagFields): Clause {
  if (kind === 'unspecified') return not(spanTagIs('span.kind', SPAN_KINDS.slice(1), fields));
  return spanTagIs('span.kind', [kind], fields);
}

function holds({ key, value, operator = 'eq' }: AttributeCondition, fields: TagFields): Clause {
  if (operator === 'eq') return equals(key, value, fields);
  const isSynthetic = key === 'error' || key === 'span.kind';
  if (operator === 'ne') {
    const differs = not(equals(key, value, fields));
    return isSynthetic ? differs : all(hasKey(key, fields), differs);
  }
  decimalOf(value);
  if (key === FLAGS_KEY) return hasKey(key, fields);
  return any(...sourcesOf(key).map((source) => hasNumber(source, fields)));
}

function equals(key: string, value: string, fields: TagFields): Clause {
  if (key === 'error' && value === 'true') return any(tagIs('error', 'true', fields), mayBeError(fields));
  if (key === 'error' && value === 'false') return loosely(not(tagIs('error', 'true', fields)));
  if (key === SERVICE_NAME_KEY) return any(tagIs(key, value, fields), serviceAttributeIs(value));
  if (key === '@jaeger@warnings') return loosely(hasTag(key, fields));
  if (key === FLAGS_KEY) return hasKey(key, fields);
  const clause = any(...sourcesOf(key).map((source) => tagIs(source, textIn(source, key, value), fields)));
  if (TRANSLATED_KEYS.has(key)) return loosely(clause);
  return key === 'span.kind' && value === 'unspecified' ? any(clause, kindIs(value, fields)) : clause;
}

/** Spans of whose tags the status becomes an error, and some others (`readSpanTags` of the mapping). */
function mayBeError(fields: TagFields): Clause {
  return loosely(
    any(
      spanTagMatches('otel.status_code', '[eE][rR][rR][oO][rR]', fields),
      spanTagMatches('http.status_code', '[+]?([4-9][0-9]{2}|[0-9]{4,})', fields),
    ),
  );
}

function hasKey(key: string, fields: TagFields): Clause {
  if (key === SERVICE_NAME_KEY) return EVERYTHING;
  // They have a field of their own, beside the tags.
  if (key === FLAGS_KEY) return loosely(any(exists('flags'), hasTag(key, fields)));
  const clause = any(...sourcesOf(key).map((source) => hasTag(source, fields)));
  return TRANSLATED_KEYS.has(key) ? loosely(clause) : clause;
}

/** Keys of tags that are read as an attribute of this key. */
function sourcesOf(key: string): readonly string[] {
  if (key === 'host.name') return [key, 'hostname'];
  return key === 'opencensus.exporterversion' ? [key, 'jaeger.version'] : [key];
}

function textIn(source: string, key: string, value: string): string {
  return source === key || source === 'hostname' ? value : value.replace(/^Jaeger-/, '');
}

/** The attribute `service.name` is the name of the process, unless that stands for a missing or empty one. */
function serviceAttributeIs(value: string): Clause {
  if (value === '') return loosely(term('process.serviceName', EMPTY_SERVICE_NAME));
  const stands = [EMPTY_SERVICE_NAME, MISSING_SERVICE_NAME, WRONG_TYPE_SERVICE_NAME, NO_SERVICE_NAME];
  const clause = keywordIs('process.serviceName', value);
  return stands.includes(value) ? loosely(clause) : clause;
}

/** Inclusive, of a field of microseconds. The servers read numbers in strings exactly. */
function range(field: string, least: bigint | undefined, most: bigint | undefined): Clause {
  const bounds = {
    ...(least === undefined ? {} : { gte: String(clamped(least)) }),
    ...(most === undefined ? {} : { lte: String(clamped(most)) }),
  };
  return exactly({ range: { [field]: bounds } });
}

function clamped(value: bigint): bigint {
  if (value > MAX_LONG) return MAX_LONG;
  return value < -MAX_LONG ? -MAX_LONG : value;
}

function floorMicros(nanos: bigint): bigint {
  const micros = nanos / MICROSECOND;
  return nanos < 0n && micros * MICROSECOND !== nanos ? micros - 1n : micros;
}

function ceilMicros(nanos: bigint): bigint {
  return -floorMicros(-nanos);
}
