import type { SpanBatch, WriteOutcome } from './batch.ts';
import type { RequestContext } from './context.ts';

/**
 * Takes spans. Resolves only when the next stage has taken responsibility for every accepted one (durably).
 * Rejections come back in the outcome; trouble is thrown as a `SpoorError`, and then none of the batch counts as taken.
 * Calling again with the same batch is safe: what was stored before is not stored twice.
 */
export interface SpanSink {
  write(batches: readonly SpanBatch[], context: RequestContext): Promise<WriteOutcome>;
}
