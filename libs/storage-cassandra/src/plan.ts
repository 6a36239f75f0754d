import type { AttributeCondition, TraceQuery } from '@spoor/storage';
import type { IndexCoverage } from './coverage/index-coverage.ts';
import type { DurationRange } from './duration-stream.ts';
import { durationStream } from './duration-stream.ts';
import { intersectionOf } from './intersection.ts';
import { nameKey } from './name-key.ts';
import { operationStream } from './operation-stream.ts';
import { serviceStream, tagStream } from './service-stream.ts';
import { NO_KIND } from './span-rows.ts';
import type { StartStream } from './start-stream.ts';
import type { StreamContext } from './table-stream.ts';
import { isIndexable, isShort } from './tag-texts.ts';
import { unionOf } from './union.ts';

/** How a search reads the index tables, the same for each service. */
export interface SearchPlan {
  /** Whether what the streams give needs no look at the spans. */
  readonly isCertain: boolean;
  /** Partitions that the search begins to read in each service. */
  readonly partitionsOfService: number;
  stream(context: StreamContext, serviceKey: string): StartStream;
}

/** Beyond so many hours, one partition each, a duration is looked at span by span. */
const MAX_DURATION_HOURS = 24 * 14;
const NANOS_OF_HOUR = 3_600_000_000_000n;
const SERVICE_PARTITIONS = 16;

/**
 * Chooses the tables: those of conditions that few spans fulfil go before those that list a whole service or operation. A condition
 * that no table can answer is looked at span by span.
 */
export function planOf(query: TraceQuery, coverage: IndexCoverage): SearchPlan {
  const { operationName, spanKind } = query;
  const indexed = indexedTags(query, coverage);
  const range = durationRange(query, coverage);
  const operation = operationName === undefined ? undefined : nameKey(operationName);
  const conditions =
    query.attributes.length +
    (operationName === undefined ? 0 : 1) +
    (spanKind === undefined ? 0 : 1) +
    (query.minDurationNanos === undefined && query.maxDurationNanos === undefined ? 0 : 1);
  const isOneTable = conditions === 1 && (operationName !== undefined || indexed[0]?.isSafe === true);
  return {
    isCertain: conditions === 0 || isOneTable,
    partitionsOfService: indexed.length > 0 ? indexed.length : operation === undefined ? SERVICE_PARTITIONS : 1,
    stream(context, service) {
      const streams = indexed.map(({ keys, value }) =>
        unionOf(keys.map((key) => tagStream(context, service, key, value))),
      );
      const whole = () =>
        operation === undefined ? serviceStream(context, service) : operationStream(context, service, operation);
      if (range !== undefined) {
        const otherwise = streams.length > 0 ? {} : { otherwise: whole() };
        streams.push(durationStream(context, { service, operation: operation ?? '', range, ...otherwise }));
      } else if (operation !== undefined || streams.length === 0) streams.push(whole());
      return intersectionOf(streams);
    },
  };
}

/** A condition that `tag_index` has all spans of. */
interface IndexedTag {
  readonly value: string;
  /** Under any of them the tag may stand. */
  readonly keys: readonly string[];
  /** Whether a row says that the condition holds. */
  readonly isSafe: boolean;
}

function indexedTags({ attributes, spanKind }: TraceQuery, { hasTag }: IndexCoverage): IndexedTag[] {
  const indexed = attributes
    .filter((condition) => isTold(condition) && keysOf(condition.key).every(hasTag))
    .map(indexedTag);
  // A tag of that name on a process or a log says nothing of the kind.
  if (spanKind !== undefined && spanKind !== NO_KIND && hasTag('span.kind'))
    indexed.push({ keys: ['span.kind'], value: spanKind, isSafe: false });
  return indexed;
}

function isTold({ key, value, operator = 'eq' }: AttributeCondition): boolean {
  if (operator !== 'eq' || !isShort(key) || !isIndexable(value)) return false;
  return !UNTOLD_KEYS.has(key) && !UNTOLD.has(`${key}=${value}`);
}

function indexedTag({ key, value }: AttributeCondition): IndexedTag {
  const keys = keysOf(key);
  return { keys, value, isSafe: keys.length === 1 && !LIKE_A_NUMBER.test(value) && !RENAMED.test(key) };
}

function keysOf(key: string): readonly string[] {
  const formerKey = FORMER_KEYS.get(key);
  return formerKey === undefined ? [key] : [key, formerKey];
}

/** Their values may stand in the peer's message outside the tags, or in another form (CONTRACT §2.6). */
const UNTOLD_KEYS: ReadonlySet<string> = new Set(['service.name', 'opencensus.exporterversion']);
/** What holds for spans that the peer has written no such tag for. */
const UNTOLD: ReadonlySet<string> = new Set(['error=false', 'span.kind=unspecified']);
/** What the peer's clients call them on a process (CONTRACT §2.6). */
const FORMER_KEYS: ReadonlyMap<string, string> = new Map([['host.name', 'hostname']]);
/** Ten digits may stand for several numbers. */
const LIKE_A_NUMBER = /^[-+]?(\d|\.\d|inf|nan)/i;
/** What is a tag in the index and something else in the span. */
const RENAMED = /^(event|hostname|jaeger\.version|w3c\.tracestate|otel\..*|@jaeger@.*)$/;

/** In whole microseconds, as rows have them. `undefined` when the table is not to be asked. */
function durationRange(query: TraceQuery, { durations }: IndexCoverage): DurationRange | undefined {
  const { minDurationNanos: min, maxDurationNanos: max, time } = query;
  if ((min === undefined && max === undefined) || !durations) return undefined;
  if (time.endUnixNano - time.startUnixNano > BigInt(MAX_DURATION_HOURS) * NANOS_OF_HOUR) return undefined;
  return {
    min: min === undefined ? -(2n ** 63n) : ceilMicros(min),
    max: max === undefined ? 2n ** 63n - 1n : floorMicros(max),
  };
}

/** The greatest whole microsecond that is not after. */
export function floorMicros(nanos: bigint): bigint {
  return nanos >= 0n ? nanos / 1_000n : -((-nanos + 999n) / 1_000n);
}

/** The least whole microsecond that is not before. */
export function ceilMicros(nanos: bigint): bigint {
  return nanos >= 0n ? (nanos + 999n) / 1_000n : -(-nanos / 1_000n);
}
