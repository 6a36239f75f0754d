/** OpenTelemetry's exponential histogram at scale 3: each bucket's bounds are 2^(1/8) apart. */
const BUCKETS_A_DOUBLING = 8;
/** The bucket of spans that took no time. Others begin at `bucketOf(1)`, which is −1. */
const ZERO_BUCKET = -2;

/** Bucket `i` holds durations above 2^(i/8) and up to 2^((i+1)/8) nanoseconds. */
export function bucketOf(nanos: number): number {
  return nanos < 1 ? ZERO_BUCKET : Math.ceil(Math.log2(nanos) * BUCKETS_A_DOUBLING) - 1;
}

/**
 * Counts of durations by bucket. Adding up histograms loses nothing, so sums of sources, minutes and operations are as good
 * as one histogram of all. A quantile is within 9.1 % of a duration that was counted: within its bucket.
 */
export class DurationHistogram {
  private readonly counts: Map<number, number>;
  private sum = 0;

  /** `buckets`: alternately a bucket and its count, as `toArray` gives them. */
  constructor(buckets: readonly number[] = []) {
    this.counts = new Map();
    for (let i = 0; i + 1 < buckets.length; i += 2) this.addTo(buckets[i]!, buckets[i + 1]!);
  }

  /** How many durations were counted. */
  get count(): number {
    return this.sum;
  }

  add(nanos: number): void {
    this.addTo(bucketOf(nanos), 1);
  }

  merge(other: DurationHistogram): void {
    for (const [bucket, count] of other.counts) this.addTo(bucket, count);
  }

  /** The opposite of `merge`: of a histogram that was merged before. */
  subtract(other: DurationHistogram): void {
    for (const [bucket, count] of other.counts) this.addTo(bucket, -count);
  }

  /** Alternately a bucket and its count, ascending by bucket. */
  toArray(): number[] {
    const array: number[] = [];
    for (const bucket of this.sortedBuckets()) array.push(bucket, this.counts.get(bucket)!);
    return array;
  }

  /**
   * Nanoseconds that the share `quantile`, 0 to 1, of the durations does not exceed; `NaN` of none. Within a bucket durations
   * are taken to lie evenly, on the scale of the buckets.
   */
  quantile(quantile: number): number {
    if (this.sum === 0) return Number.NaN;
    const rank = Math.min(Math.max(quantile, 0), 1) * this.sum;
    const buckets = this.sortedBuckets();
    let below = 0;
    for (const bucket of buckets) {
      const count = this.counts.get(bucket)!;
      if (below + count >= rank || bucket === buckets.at(-1)) {
        if (bucket === ZERO_BUCKET) return 0;
        return 2 ** ((bucket + Math.min(Math.max((rank - below) / count, 0), 1)) / BUCKETS_A_DOUBLING);
      }
      below += count;
    }
    return Number.NaN;
  }

  private sortedBuckets(): Float64Array {
    // Sorts as numbers by itself, several times as fast as with a function that compares.
    return Float64Array.from(this.counts.keys()).sort();
  }

  private addTo(bucket: number, count: number): void {
    const sum = (this.counts.get(bucket) ?? 0) + count;
    if (sum === 0) this.counts.delete(bucket);
    else this.counts.set(bucket, sum);
    this.sum += count;
  }
}
