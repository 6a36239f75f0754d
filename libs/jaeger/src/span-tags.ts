import type { Attribute, Span, SpanKind, StatusCode } from '@spoor/model';
import { SPAN_KINDS } from '@spoor/model';
import type { Tag, TagValue } from './message.ts';

/** What OTLP has in fields of its own, and what remains as attributes. */
export interface SpanTags {
  readonly attributes: Attribute[];
  readonly kind: SpanKind;
  readonly status: Span['status'];
  readonly traceState: string;
  readonly scopeName: string;
  readonly scopeVersion: string;
}

/** What a tag `span.kind` must say to stand for the kind. */
export const KIND_OF_TAG: ReadonlyMap<TagValue, SpanKind> = new Map(SPAN_KINDS.slice(1).map((kind) => [kind, kind]));

/** Takes the tags that stand for OTLP's fields out of the others (CONTRACT §2.6). One that says nothing known stays a tag. */
export function readSpanTags(tags: readonly Tag[]): SpanTags {
  const attributes: Attribute[] = [];
  let kind: SpanKind = 'unspecified';
  let isError = false;
  let statusCode: StatusCode | undefined;
  let message = '';
  let traceState = '';
  let scopeName = '';
  let scopeVersion = '';
  let httpStatus: TagValue | undefined;
  for (const tag of tags) {
    const { key, value } = tag;
    const known = key === 'span.kind' ? KIND_OF_TAG.get(value) : undefined;
    if (known !== undefined) kind = known;
    else if (key === 'error' && value === true) isError = true;
    else if (key === 'otel.status_code' && statusOf(value) !== undefined) statusCode = statusOf(value);
    else if (key === 'otel.status_description' && typeof value === 'string') message = value;
    else if (key === 'w3c.tracestate' && typeof value === 'string') traceState = value;
    else if (key === 'otel.scope.name' && typeof value === 'string') scopeName = value;
    else if (key === 'otel.scope.version' && typeof value === 'string') scopeVersion = value;
    else {
      if (key === 'http.status_code') httpStatus = value;
      attributes.push(tag);
    }
  }
  const code = isError ? 'error' : (statusCode ?? (isHttpError(httpStatus, kind) ? 'error' : 'unset'));
  return { attributes, kind, status: { code, message }, traceState, scopeName, scopeVersion };
}

function statusOf(value: TagValue): StatusCode | undefined {
  if (typeof value !== 'string') return undefined;
  switch (value.toUpperCase()) {
    case 'OK':
      return 'ok';
    case 'ERROR':
      return 'error';
    case 'UNSET':
      return 'unset';
    default:
      return undefined;
  }
}

/** What the answer was tells an error where no tag does: 5xx always, 4xx to who asked (CONTRACT §2.6). */
function isHttpError(value: TagValue | undefined, kind: SpanKind): boolean {
  const isNumber = typeof value === 'bigint' || (typeof value === 'string' && /^\d{3}$/.test(value));
  if (!isNumber) return false;
  const status = Number(value);
  return status >= 500 || (kind === 'client' && status >= 400 && status < 500);
}
