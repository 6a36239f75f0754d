import type { ByteCache } from './byte-cache.ts';
import type { Container } from './container.ts';
import { openFrame } from './frame.ts';
import { decodeColdColumns, decodeHotColumns } from './index-codec.ts';
import { bucketOf, decodeFilter, decodeMeta, filterHolds, readPosting, STRIPE_SPANS } from './segment-codec.ts';
import type { Source } from './source.ts';

/** A sealed segment: its pieces are read when they are asked for. */
export function segmentSource(
  container: Container,
  cache: ByteCache,
  row: { readonly id: number; readonly parts: number },
): Source {
  const { parts } = row;
  const meta = decodeMeta(container.segmentMeta(row.id), `the summary of segment ${row.id}`);
  const filter = decodeFilter(container.segmentFilter(row.id), `the filter of segment ${row.id}`);
  const spansOf = (stripe: number) => Math.min(STRIPE_SPANS, meta.count - stripe * STRIPE_SPANS);
  return {
    count: meta.count,
    stripeSpans: STRIPE_SPANS,
    origins: meta.origins,
    operations: meta.operations,
    chunkIds: meta.chunkIds,
    firstArrival: meta.firstArrival,
    lastArrival: meta.lastArrival,
    minStartHigh: meta.minStart[0],
    minStartLow: meta.minStart[1],
    maxStartHigh: meta.maxStart[0],
    maxStartLow: meta.maxStart[1],
    hot: (stripe) =>
      cache.get(`h${parts}:${stripe}`, () => {
        const value = decodeHotColumns(
          container.stripeHot(parts, stripe),
          spansOf(stripe),
          `stripe ${stripe} of segment ${row.id}`,
        );
        return { value, bytes: spansOf(stripe) * 48 };
      }),
    cold: (stripe) =>
      cache.get(`c${parts}:${stripe}`, () => {
        const value = decodeColdColumns(
          container.stripeCold(parts, stripe),
          spansOf(stripe),
          `stripe ${stripe} of segment ${row.id}`,
        );
        return { value, bytes: spansOf(stripe) * 32 };
      }),
    posting: (hash) => {
      const number = bucketOf(hash, meta.bucketBits);
      const what = `postings ${number} of segment ${row.id}`;
      const bucket = cache.get(`p${parts}:${number}`, () => {
        const value = openFrame(container.postings(parts, number), what);
        return { value, bytes: value.length };
      });
      return readPosting(bucket, hash, meta.count, what);
    },
    mayHoldTrace: (hash) => filterHolds(filter, hash),
  };
}
