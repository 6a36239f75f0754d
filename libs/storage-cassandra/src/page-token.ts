import { createHash } from 'node:crypto';
import { foreignPageToken, questionMark, type TraceQuery } from '@spoor/storage';

/** Where a page ended, and the traces that pages so far have shown. */
export interface PagePosition {
  /** The next page begins with this start, in microseconds. */
  readonly fromMicros: bigint;
  readonly shown: ReadonlySet<string>;
}

/**
 * Traces whose pages can be told from one another: the token holds five bytes of each, because a trace that was shown may have
 * older spans that match, and the tables do not tell which of a trace's spans were there when the first page was made.
 */
export const MAX_SHOWN = 1_500;
const MARK_DIGITS = 10;
const FORM = /^1\.([0-9]{1,20})\.([0-9a-f]{16})\.([A-Za-z0-9_-]*)$/;

/** What stands for a trace in a token. */
export function shownMark(traceId: string): string {
  return createHash('sha256').update(traceId).digest('hex').slice(0, MARK_DIGITS);
}

export function writePageToken({ fromMicros, shown }: PagePosition, tenant: string, query: TraceQuery): string {
  const marks = Buffer.from([...shown].join(''), 'hex').toString('base64url');
  return `1.${fromMicros}.${questionMark(tenant, query)}.${marks}`;
}

/** Throws `SPOOR_INVALID_REQUEST` for a token that was not written for these conditions. */
export function readPageToken(token: string, tenant: string, query: TraceQuery): PagePosition {
  const parts = FORM.exec(token);
  const marks = Buffer.from(parts?.[3] ?? '', 'base64url').toString('hex');
  if (parts === null || parts[2] !== questionMark(tenant, query) || marks.length % MARK_DIGITS !== 0) {
    throw foreignPageToken();
  }
  const shown = new Set<string>();
  for (let at = 0; at < marks.length; at += MARK_DIGITS) shown.add(marks.slice(at, at + MARK_DIGITS));
  return { fromMicros: BigInt(parts[1] ?? 0), shown };
}
