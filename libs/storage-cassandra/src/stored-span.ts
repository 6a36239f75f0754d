import type { SpanMessage, Tag } from '@spoor/jaeger';
import {
  flagsOfSpan,
  logOf,
  processTagsOf,
  referencesOf,
  resourceOf,
  spanOfMessage,
  tagsOfSpan,
  WARNINGS_KEY,
  warningsOfSpan,
} from '@spoor/jaeger';
import type { Resource, Span } from '@spoor/model';
import { operationNameOf, serviceNameOf } from '@spoor/model';

type Process = NonNullable<SpanMessage['process']>;

/** A span as a row of `traces` holds it: the peer's message with microseconds, sorted tags, and names that are never empty. */
export interface StoredSpan extends SpanMessage {
  readonly process: Process;
}

const NANOS_OF_MICRO = 1_000n;

/** The row of a span. Processes are made once for all spans of one resource. */
export function storedSpanMaker(): (span: Span) => StoredSpan {
  let resource: Resource | undefined;
  let process: Process | undefined;
  return (span) => {
    if (process === undefined || span.resource !== resource) {
      resource = span.resource;
      process = { serviceName: serviceNameOf(resource), tags: sorted(processTagsOf(resource)) };
    }
    return storedSpanOf(span, process);
  };
}

function storedSpanOf(span: Span, process: Process): StoredSpan {
  const tags = tagsOfSpan(span);
  const warnings = warningsOfSpan(span);
  // The table has no column for warnings.
  if (warnings.length > 0) tags.push({ key: WARNINGS_KEY, value: JSON.stringify(warnings) });
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    operationName: operationNameOf(span),
    references: referencesOf(span).filter(({ traceId, spanId }) => traceId.length === 32 && spanId.length === 16),
    flags: flagsOfSpan(span),
    startTimeUnixNano: wholeMicros(span.startTimeUnixNano),
    durationNanos: wholeMicros(span.endTimeUnixNano - span.startTimeUnixNano),
    tags: sorted(tags),
    logs: span.events.map((event) => {
      const log = logOf(event);
      return { ...log, timeUnixNano: wholeMicros(log.timeUnixNano) };
    }),
    process,
    warnings: [],
  };
}

/** The span of a row. Spans of one trace share the resources that are the same, through `resources`. */
export function spanOfStored(stored: StoredSpan, resources: Map<string, Resource> = new Map()): Span {
  const key = textOf(stored.process);
  let resource = resources.get(key);
  if (resource === undefined) {
    resource = resourceOf(stored.process);
    resources.set(key, resource);
  }
  return spanOfMessage(withWarnings(stored), resource);
}

function withWarnings(stored: StoredSpan): SpanMessage {
  const tag = stored.tags.find(({ key }) => key === WARNINGS_KEY);
  if (typeof tag?.value !== 'string') return stored;
  const warnings = textsOf(tag.value);
  return warnings === undefined ? stored : { ...stored, tags: stored.tags.filter((one) => one !== tag), warnings };
}

function textsOf(json: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((text) => typeof text === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(process: Process): string {
  const parts = process.tags.map(({ key, value }) => [key, typeof value, String(value)]);
  return JSON.stringify([process.serviceName, parts]);
}

function wholeMicros(nanos: bigint): bigint {
  return (nanos / NANOS_OF_MICRO) * NANOS_OF_MICRO;
}

/** By key, as the peer stores them (CONTRACT §6.1); those of one key in their order. */
function sorted(tags: readonly Tag[]): Tag[] {
  return tags.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** The span that comes back for one that is stored: with microseconds, and without what the peer's schema has no place for. */
export function asStoredInCassandra(span: Span): Span {
  return spanOfStored(storedSpanMaker()(span));
}
