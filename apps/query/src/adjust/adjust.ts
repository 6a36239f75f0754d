import type { Span } from '@spoor/model';
import { adjustClockSkew } from './clock-skew.ts';
import { dropDuplicates } from './duplicates.ts';
import { sanitiseEndTimes } from './end-times.ts';
import { formatIpAttributes } from './ip-attributes.ts';
import { moveLibraryAttributes } from './library-attributes.ts';
import { dropEmptyLinks } from './links.ts';
import { separateSharedSpanIds } from './shared-span-ids.ts';
import { sortCollections } from './sort-collections.ts';

export interface AdjustOptions {
  /** 0 shifts nothing and only warns. */
  readonly maxClockSkewAdjustmentNanos: bigint;
}

/**
 * What every read that is not raw goes through (CONTRACT §7.6), in the order of the peer's version 2. Takes all spans of one trace.
 * Linear in the number of spans, but for the sorting of one span's attributes. No span is changed: those that differ are new
 * objects, the others come back as they are.
 */
export function adjustTrace(spans: readonly Span[], options: AdjustOptions): readonly Span[] {
  let adjusted = sanitiseEndTimes(spans);
  adjusted = separateSharedSpanIds(adjusted);
  adjusted = sortCollections(adjusted);
  adjusted = dropDuplicates(adjusted);
  adjusted = adjustClockSkew(adjusted, options.maxClockSkewAdjustmentNanos);
  adjusted = formatIpAttributes(adjusted);
  adjusted = moveLibraryAttributes(adjusted);
  return dropEmptyLinks(adjusted);
}
