import type { Rejection } from '@spoor/model';
import { MAX_ROW_BYTES } from './partitions.ts';
import type { StoredSpan } from './stored-span.ts';

/** The spans of one call that will never be stored, because their row of `traces` is too large. */
export class OversizedSpans {
  count = 0;
  private first = '';

  add({ traceId, spanId }: Pick<StoredSpan, 'traceId' | 'spanId'>, rowBytes: number): void {
    const limit =
      rowBytes > MAX_ROW_BYTES
        ? `at most ${MAX_ROW_BYTES} are written`
        : 'more than this Cassandra takes in a mutation';
    if (this.count === 0)
      this.first = `the row of span ${spanId} of trace ${traceId} in \`traces\` would have ${rowBytes} bytes, ${limit} (half of \`commitlog_segment_size\` is the server's own limit): send fewer attributes, events or links in a span`;
    this.count += 1;
  }

  /** One for all, so that whoever puts them aside does it once. */
  rejections(): Rejection[] {
    if (this.count === 0) return [];
    const others = this.count > 1 ? `; likewise ${this.count - 1} more` : '';
    return [{ reason: 'too_large', spanCount: this.count, message: `${this.first}${others}` }];
  }
}
