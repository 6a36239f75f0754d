import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Marks a span as failed, with the exception as an event. */
export function recordFailure(span: Span, thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  span.recordException(error);
  span.setAttribute('error.type', error.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
}
