import { type AttributeCondition, decimalOf, type TraceQuery } from '@spoor/storage';
import type { LayoutQuery, RequestJson, RequestObject } from '../layout.ts';
import { boundsOf } from './ordered-number.ts';
import { attributeTerm, indexedName, keyPart, prefixesOfKey } from './term.ts';

/** Where an attribute may stand (`AttributeCondition`). */
const PLACES = ['attributes', 'resource', 'scope.attributes', 'events.attributes'] as const;

const MAX_LONG = (1n << 63n) - 1n;
const MIN_LONG = -(1n << 63n);

/** All conditions are filters: nothing is scored, and nothing has to be compared again. Throws `SPOOR_INVALID_REQUEST`. */
export function spoorQuery(query: TraceQuery, tenant: string): LayoutQuery {
  const filter: RequestJson[] = [
    term('tenant', indexedName(tenant)),
    range('start', query.time.startUnixNano, query.time.endUnixNano),
  ];
  if (query.serviceName !== undefined) filter.push(term('service', indexedName(query.serviceName)));
  if (query.operationName !== undefined) filter.push(term('operation', indexedName(query.operationName)));
  if (query.spanKind !== undefined) filter.push(term('kind', query.spanKind));
  if (query.minDurationNanos !== undefined || query.maxDurationNanos !== undefined)
    filter.push(range('duration', query.minDurationNanos, query.maxDurationNanos));
  for (const condition of query.attributes) filter.push(holds(condition));
  return { query: { bool: { filter } }, mustVerify: false };
}

export function spoorTracesQuery(traceIds: readonly string[], tenant: string): RequestObject {
  const ids = traceIds.length === 1 ? term('traceId', traceIds[0]!) : { terms: { traceId: [...traceIds] } };
  return { bool: { filter: [term('tenant', indexedName(tenant)), ids] } };
}

function holds(condition: AttributeCondition): RequestObject {
  const { key, value, operator = 'eq' } = condition;
  switch (operator) {
    case 'eq':
      return equals(key, value);
    case 'ne': {
      const isSynthetic = key === 'error' || key === 'span.kind';
      const must_not = [equals(key, value)];
      return { bool: isSynthetic ? { must_not } : { filter: [hasKey(key)], must_not } };
    }
    default: {
      const begin = `${keyPart(key)}=`;
      const bounds = Object.entries(boundsOf(operator, decimalOf(value))).map(([bound, text]) => [bound, begin + text]);
      return { range: { numbers: Object.fromEntries(bounds) } };
    }
  }
}

function equals(key: string, value: string): RequestObject {
  if (key === 'error' && value === 'false') return { bool: { must_not: [isError()] } };
  if (key === 'error' && value === 'true') return isError();
  return any(
    ...PLACES.map((place) => term(place, attributeTerm(key, value))),
    ...(key === 'span.kind' ? [term('kind', value)] : []),
  );
}

function isError(): RequestObject {
  return any(...PLACES.map((place) => term(place, attributeTerm('error', 'true'))), term('status', 'error'));
}

function hasKey(key: string): RequestObject {
  return any(...PLACES.flatMap((place) => prefixesOfKey(key).map((value) => ({ prefix: { [place]: { value } } }))));
}

function any(...should: readonly RequestObject[]): RequestObject {
  return { bool: { should, minimum_should_match: 1 } };
}

function term(field: string, value: string): RequestObject {
  return { term: { [field]: value } };
}

/** Inclusive. The servers read numbers in strings exactly. */
function range(field: string, least: bigint | undefined, most: bigint | undefined): RequestObject {
  return {
    range: {
      [field]: {
        ...(least === undefined ? {} : { gte: String(clamped(least)) }),
        ...(most === undefined ? {} : { lte: String(clamped(most)) }),
      },
    },
  };
}

function clamped(value: bigint): bigint {
  if (value > MAX_LONG) return MAX_LONG;
  return value < MIN_LONG ? MIN_LONG : value;
}
