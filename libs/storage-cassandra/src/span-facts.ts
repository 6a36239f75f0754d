import type { SpanKind } from '@spoor/model';
import { SPAN_KINDS } from '@spoor/model';
import type { StoredSpan } from './stored-span.ts';
import { spanOfStored } from './stored-span.ts';

/** What a reader will take for the span's kind and status, which may follow from tags. */
export interface SpanFacts {
  readonly kind: SpanKind;
  readonly isError: boolean;
}

const KINDS: ReadonlyMap<unknown, SpanKind> = new Map(SPAN_KINDS.slice(1).map((kind) => [kind, kind]));

/** Reads the few tags that decide; the whole mapping only where they leave it open. */
export function spanFacts(span: StoredSpan): SpanFacts {
  let kind: SpanKind = 'unspecified';
  let isError = false;
  let isOpen = false;
  for (const { key, value } of span.tags) {
    if (key === 'span.kind') kind = KINDS.get(value) ?? kind;
    else if (key === 'error') isError ||= value === true;
    else if (key === 'otel.status_code') isOpen = true;
    // 4xx and 5xx may make an error of it.
    else if (key === 'http.status_code') isOpen ||= !(Number(value) < 400);
  }
  if (!isError && isOpen) isError = spanOfStored(span).status.code === 'error';
  return { kind, isError };
}
