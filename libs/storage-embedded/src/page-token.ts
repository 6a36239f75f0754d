import { createHash } from 'node:crypto';
import { SpoorError } from '@spoor/model';
import type { TraceQuery } from '@spoor/storage';

/** Where a page ended, and which blocks the first page knew. */
export interface PagePosition {
  readonly newestMatchUnixNano: bigint;
  readonly traceId: string;
  readonly lastArrival: number;
}

const FORM = /^1\.([0-9]{1,20})\.([0-9a-f]{32})\.([0-9]{1,15})\.([0-9a-f]{16})$/;

export function writePageToken(position: PagePosition, tenant: string, query: TraceQuery): string {
  const { newestMatchUnixNano, traceId, lastArrival } = position;
  return `1.${newestMatchUnixNano}.${traceId}.${lastArrival}.${fingerprint(tenant, query)}`;
}

/** Throws `SPOOR_INVALID_REQUEST` for a token that was not written for these conditions. */
export function readPageToken(token: string, tenant: string, query: TraceQuery): PagePosition {
  const parts = FORM.exec(token);
  if (parts === null || parts[4] !== fingerprint(tenant, query)) {
    throw new SpoorError(
      'SPOOR_INVALID_REQUEST',
      'the page token was not issued for these conditions: begin again without it',
    );
  }
  return { newestMatchUnixNano: BigInt(parts[1]!), traceId: parts[2]!, lastArrival: Number(parts[3]) };
}

/** Of everything that decides which traces are found, and in which order. The limit may change from page to page. */
function fingerprint(tenant: string, query: TraceQuery): string {
  const conditions = [
    tenant,
    query.serviceName ?? null,
    query.operationName ?? null,
    query.spanKind ?? null,
    query.attributes.map(({ key, value, operator = 'eq' }) => [key, value, ...(operator === 'eq' ? [] : [operator])]),
    String(query.time.startUnixNano),
    String(query.time.endUnixNano),
    String(query.minDurationNanos ?? null),
    String(query.maxDurationNanos ?? null),
  ];
  return createHash('sha256').update(JSON.stringify(conditions)).digest('hex').slice(0, 16);
}
