import { createHash } from 'node:crypto';
import { SpoorError, type Tenant } from '@spoor/model';
import type { TraceQuery } from './reader.ts';

/**
 * What a page token carries of the question that it was issued for: 16 hex digits of everything that decides which traces are
 * found, and in which order. The limit is not among it, so that it may change from page to page.
 */
export function questionMark(tenant: Tenant, query: TraceQuery): string {
  const conditions = [
    tenant,
    query.serviceName ?? null,
    query.operationName ?? null,
    query.spanKind ?? null,
    query.attributes.map(({ key, value, operator = 'eq' }) => [key, operator, value]),
    String(query.time.startUnixNano),
    String(query.time.endUnixNano),
    String(query.minDurationNanos ?? null),
    String(query.maxDurationNanos ?? null),
  ];
  return createHash('sha256').update(JSON.stringify(conditions)).digest('hex').slice(0, 16);
}

/** What every store throws for a token that it did not issue for the question. */
export function foreignPageToken(): SpoorError {
  return new SpoorError(
    'SPOOR_INVALID_REQUEST',
    'the page token was not issued for these conditions: begin again without it',
  );
}
