import type { Log, Reference } from '@spoor/jaeger';
import { flagsOfSpan, logOf, referencesOf, tagsOfSpan, warningsOfSpan } from '@spoor/jaeger';
import type { Span } from '@spoor/model';
import { operationNameOf } from '@spoor/model';
import { legacyTraceId } from './ids.ts';
import { jaegerTag } from './tags.ts';
import type { JaegerLog, JaegerReference, JaegerSpan } from './types.ts';

/** A span in the JSON of the legacy API (CONTRACT §2.6, §7.3). Times are cut to microseconds. */
export function jaegerSpan(span: Span, processID: string): JaegerSpan {
  const flags = flagsOfSpan(span);
  const warnings = warningsOfSpan(span);
  return {
    traceID: legacyTraceId(span.traceId),
    spanID: span.spanId,
    ...(flags === 0 ? {} : { flags }),
    operationName: operationNameOf(span),
    references: referencesOf(span).map(jaegerReference),
    startTime: Number(span.startTimeUnixNano / 1_000n),
    duration: Number((span.endTimeUnixNano - span.startTimeUnixNano) / 1_000n),
    tags: tagsOfSpan(span).map(jaegerTag),
    logs: span.events.map((event) => jaegerLog(logOf(event))),
    processID,
    warnings: warnings.length === 0 ? null : warnings,
  };
}

function jaegerReference({ type, traceId, spanId }: Reference): JaegerReference {
  return { refType: type, traceID: legacyTraceId(traceId), spanID: spanId };
}

function jaegerLog({ timeUnixNano, fields }: Log): JaegerLog {
  return { timestamp: Number(timeUnixNano / 1_000n), fields: fields.map(jaegerTag) };
}
