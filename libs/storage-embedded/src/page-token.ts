import { foreignPageToken, questionMark, type TraceQuery } from '@spoor/storage';

/** Where a page ended, and which blocks the first page knew. */
export interface PagePosition {
  readonly newestMatchUnixNano: bigint;
  readonly traceId: string;
  readonly lastArrival: number;
}

const FORM = /^1\.([0-9]{1,20})\.([0-9a-f]{32})\.([0-9]{1,15})\.([0-9a-f]{16})$/;

export function writePageToken(position: PagePosition, tenant: string, query: TraceQuery): string {
  const { newestMatchUnixNano, traceId, lastArrival } = position;
  return `1.${newestMatchUnixNano}.${traceId}.${lastArrival}.${questionMark(tenant, query)}`;
}

/** Throws `SPOOR_INVALID_REQUEST` for a token that was not written for these conditions. */
export function readPageToken(token: string, tenant: string, query: TraceQuery): PagePosition {
  const parts = FORM.exec(token);
  if (parts === null || parts[4] !== questionMark(tenant, query)) {
    throw foreignPageToken();
  }
  return { newestMatchUnixNano: BigInt(parts[1]!), traceId: parts[2]!, lastArrival: Number(parts[3]) };
}
