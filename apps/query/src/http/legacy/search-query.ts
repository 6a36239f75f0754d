import type { Clock, TraceId } from '@spoor/model';
import type { AttributeCondition, TimeRange, TraceQuery } from '@spoor/storage';
import { filterConditions } from '../../filter/conditions.ts';
import { readTraceId } from '../../jaeger-json/ids.ts';
import { checkConditionCount, invalid, type Parameters, quoted } from '../parameters.ts';

const DEFAULT_LIMIT = 100;
const DEFAULT_LOOKBACK_MICROS = 48 * 3_600_000_000;
const NANOS_PER_MICRO = 1_000n;

/** Trace ids that one request may name. */
const MAX_TRACE_IDS = 1_000;

/** The conditions of `GET /api/traces` (CONTRACT §7.2). Throws `SPOOR_INVALID_REQUEST`. */
export function legacyTraceQuery(parameters: Parameters, clock: Clock, maxSearchDepth: number): TraceQuery {
  const serviceName = parameters.text('service');
  if (serviceName === undefined) throw invalid("parameter 'service' is required");
  const operationName = parameters.text('operation');
  const nowMicros = Math.floor(clock.nowMs() * 1_000);
  const start = parameters.wholeNumber('start') ?? Math.max(0, nowMicros - DEFAULT_LOOKBACK_MICROS);
  const end = parameters.wholeNumber('end') ?? nowMicros;
  if (end < start) throw invalid("'end' should not be before 'start'");
  const minDurationNanos = parameters.duration('minDuration');
  const maxDurationNanos = parameters.duration('maxDuration');
  if (minDurationNanos !== undefined && maxDurationNanos !== undefined && maxDurationNanos < minDurationNanos)
    throw invalid("'maxDuration' should be greater than 'minDuration'");
  // To the end of the last microsecond, because the parameter cannot say more.
  const time = { startUnixNano: BigInt(start) * NANOS_PER_MICRO, endUnixNano: BigInt(end) * NANOS_PER_MICRO + 999n };
  const tags = Array.from(tagsOf(parameters), ([key, value]) => ({ key, value }));
  const compared = comparedAttributes(parameters, time);
  checkConditionCount(tags.length + compared.length);
  return {
    serviceName,
    ...(operationName === undefined ? {} : { operationName }),
    attributes: [...tags, ...compared],
    time,
    ...(minDurationNanos === undefined ? {} : { minDurationNanos }),
    ...(maxDurationNanos === undefined ? {} : { maxDurationNanos }),
    limit: parameters.limit('limit', DEFAULT_LIMIT, maxSearchDepth),
  };
}

function tagsOf(parameters: Parameters): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const tag of parameters.texts('tag')) {
    const colon = tag.indexOf(':');
    if (colon < 1) throw invalid(`malformed 'tag' parameter, expecting key:value, received: ${tag.slice(0, 200)}`);
    tags.set(tag.slice(0, colon), tag.slice(colon + 1));
  }
  for (const text of parameters.texts('tags'))
    for (const [key, value] of parameters.textMap('tags', text)) tags.set(key, value);
  return tags;
}

/**
 * `filter`, which the peer does not have here: its filter of version 3 over attributes, beside the other parameters, because a
 * tag can say no comparison that would not be taken for its text.
 */
function comparedAttributes(parameters: Parameters, time: TimeRange): readonly AttributeCondition[] {
  const text = parameters.text('filter');
  if (text === undefined) return [];
  const read = filterConditions(parameters.json('filter', text), 'filter', time);
  const { attributes = [], time: narrowed = time, ...others } = read;
  const isNarrowed = narrowed.startUnixNano !== time.startUnixNano || narrowed.endUnixNano !== time.endUnixNano;
  if (isNarrowed || Object.keys(others).length > 0)
    throw invalid(
      "parameter 'filter' compares attributes only; service, operation, durations and times have their own parameters",
    );
  return attributes;
}

/** The ids of the `traceID` parameters, each once. Throws `SPOOR_INVALID_REQUEST`. */
export function requestedTraceIds(parameters: Parameters): readonly TraceId[] {
  const texts = parameters.texts('traceID');
  if (texts.length > MAX_TRACE_IDS)
    throw invalid(`parameter 'traceID' occurs ${texts.length} times; it may occur ${MAX_TRACE_IDS} times`);
  return [...new Set(texts.map((text) => traceIdOf('traceID', text)))];
}

/** Throws `SPOOR_INVALID_REQUEST` for what is not a trace id. */
export function traceIdOf(name: string, text: string): TraceId {
  const traceId = readTraceId(text);
  if (traceId === undefined)
    throw invalid(
      `malformed '${name}' parameter: ${quoted(text)} is not a trace ID: up to 32 hex digits, or the base64 of 16 bytes, not all zero`,
    );
  return traceId;
}
