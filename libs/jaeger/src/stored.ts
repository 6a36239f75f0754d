import type { Resource, Span } from '@spoor/model';
import {
  EMPTY_SERVICE_NAME,
  EMPTY_SPAN_NAME,
  MISSING_SERVICE_NAME,
  operationNameOf,
  SERVICE_NAME_KEY,
  serviceNameOf,
  WRONG_TYPE_SERVICE_NAME,
} from '@spoor/model';
import { soundEndOf } from './end-time.ts';
import { messageOfSpan, processTagsOf } from './from-span.ts';
import type { Process, SpanMessage, Tag } from './message.ts';
import { KIND_OF_TAG } from './span-tags.ts';
import { resourceOf, spanOfMessage } from './to-span.ts';
import { WARNINGS_KEY } from './warnings.ts';

const MICROSECOND = 1_000n;

/**
 * The message that a store in a schema of the peer keeps of a span (CONTRACT §5.2, §6): whole microseconds; names that are
 * never empty (§9.2, sanitisers 1 and 2); no duration below zero, which a Jaeger that reads the documents cannot say, nor the
 * rest of the trace then (§9.2, sanitiser 4); warnings as a tag of JSON, because the schemas have no place for them; ERROR told by
 * the tag `error` alone. Of several tags that stand for the span's kind the last is left, which is the one that counts.
 */
export function storedMessageOf(span: Span): SpanMessage {
  const message = messageOfSpan(span);
  const tags = withoutIdleTags(message.tags, span.status.code === 'error');
  const soundEnd = soundEndOf(span);
  const warnings = soundEnd === undefined ? message.warnings : [...message.warnings, soundEnd.warning];
  if (warnings.length > 0) tags.push({ key: WARNINGS_KEY, value: JSON.stringify(warnings) });
  return {
    ...message,
    operationName: operationNameOf(span),
    startTimeUnixNano: wholeMicros(message.startTimeUnixNano),
    durationNanos: soundEnd === undefined ? wholeMicros(message.durationNanos) : 0n,
    tags,
    logs: message.logs.map((log) => ({ timeUnixNano: wholeMicros(log.timeUnixNano), fields: log.fields })),
    process: storedProcessOf(span.resource),
    warnings: [],
  };
}

/** The process of `storedMessageOf`: the same for all spans of a resource. */
export function storedProcessOf(resource: Resource): Process {
  return { serviceName: serviceNameOf(resource), tags: processTagsOf(resource) };
}

/**
 * The span of such a message, also of one that a Jaeger stored: `spanOfMessage`, and names that stand for a missing one are
 * missing again. `spanOfStoredMessage(storedMessageOf(span))` is what such a store gives back for a span.
 */
export function spanOfStoredMessage(message: SpanMessage): Span {
  const warnings: string[] = [];
  const tags = message.tags.filter((tag) => !takesWarnings(tag, warnings));
  const operationName = message.operationName === EMPTY_SPAN_NAME ? '' : message.operationName;
  return spanOfMessage({ ...message, operationName, tags, warnings }, resourceOfStored(message.process));
}

function wholeMicros(nanos: bigint): bigint {
  return (nanos / MICROSECOND) * MICROSECOND;
}

function withoutIdleTags(tags: readonly Tag[], isError: boolean): Tag[] {
  const lastKind = tags.findLast(isKind);
  return tags.filter(
    (tag) =>
      (tag === lastKind || !isKind(tag)) && !(isError && tag.key === 'otel.status_code' && tag.value === 'ERROR'),
  );
}

function isKind({ key, value }: Tag): boolean {
  return key === 'span.kind' && KIND_OF_TAG.has(value);
}

function takesWarnings({ key, value }: Tag, warnings: string[]): boolean {
  if (key !== WARNINGS_KEY || typeof value !== 'string') return false;
  try {
    const list: unknown = JSON.parse(value);
    if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string')) return false;
    warnings.push(...list);
    return true;
  } catch {
    return false;
  }
}

function resourceOfStored(process: Process | undefined): Resource {
  const tags = process?.tags ?? [];
  const nameless = () => resourceOf({ serviceName: '', tags });
  // A tag of the name would be taken for it, where the name itself is not there.
  const named = tags.find(({ key }) => key === SERVICE_NAME_KEY);
  switch (process?.serviceName) {
    case EMPTY_SERVICE_NAME:
      return withServiceName('', nameless());
    case MISSING_SERVICE_NAME:
      return named === undefined ? nameless() : resourceOf(process);
    case WRONG_TYPE_SERVICE_NAME:
      // The tag of another type is there and tells it again, unless it became a text.
      return named !== undefined && typeof named.value !== 'string' ? nameless() : resourceOf(process);
    default:
      return resourceOf(process);
  }
}

function withServiceName(value: string, resource: Resource): Resource {
  return { ...resource, attributes: [{ key: SERVICE_NAME_KEY, value }, ...resource.attributes] };
}
