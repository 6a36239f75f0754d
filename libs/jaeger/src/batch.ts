import type { Span } from '@spoor/model';
import { WireWriter } from '@spoor/otlp';
import type { Process, SpanMessage } from './message.ts';
import { writeProcessFields, writeSpanFields } from './proto-encode.ts';
import { resourceOf, spanOfMessage } from './to-span.ts';

/** Spans of one process, as the peer's clients send them. */
export interface JaegerBatch {
  readonly process: Process;
  /** Without a process of their own. */
  readonly spans: readonly SpanMessage[];
}

export function spansOfBatch({ process, spans }: JaegerBatch): Span[] {
  const resource = resourceOf(process);
  return spans.map((span) => spanOfMessage(span, resource));
}

/** Encodes a `jaeger.api_v2.Batch` (CONTRACT §2.2). */
export function encodeJaegerBatch({ process, spans }: JaegerBatch): Uint8Array {
  const writer = new WireWriter(Math.max(1024, spans.length * 512));
  for (const span of spans) {
    const start = writer.begin(10);
    writeSpanFields(writer, span);
    writer.end(start);
  }
  const start = writer.begin(18);
  writeProcessFields(writer, process);
  writer.end(start);
  return writer.finish();
}
