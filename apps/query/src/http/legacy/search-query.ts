import type { Clock, TraceId } from '@spoor/model';
import type { TraceQuery } from '@spoor/storage';
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
  return {
    serviceName,
    ...(operationName === undefined ? {} : { operationName }),
    attributes: Array.from(tagsOf(parameters), ([key, value]) => ({ key, value })),
    // To the end of the last microsecond, because the parameter cannot say more.
    time: { startUnixNano: BigInt(start) * NANOS_PER_MICRO, endUnixNano: BigInt(end) * NANOS_PER_MICRO + 999n },
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
  checkConditionCount(tags.size);
  return tags;
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
