import type { RequestContext, SpanBatch, SpanSink, WriteOutcome } from '@spoor/model';

/**
 * Stores spans. The `SpanSink` contract, and:
 * - MUST be idempotent: a span equal in resource, scope and content to one stored before is not stored again,
 *   whichever batch brings it, also after a restart.
 * - MUST resolve only when the spans survive `kill -9` (and, unless configured otherwise, loss of power).
 * - MUST make the spans visible to readers before it resolves.
 * - MUST throw `SPOOR_STORAGE_UNAVAILABLE` for trouble that may pass; MUST NOT drop anything silently.
 * - MAY be called concurrently; MAY gather concurrent calls into one commit.
 */
export interface SpanWriter extends SpanSink {
  write(batches: readonly SpanBatch[], context: Pick<RequestContext, 'signal'>): Promise<WriteOutcome>;
}
