import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, DurationHistogram } from './duration-histogram.ts';

const durations = fc.array(fc.integer({ min: 0, max: 3_600_000_000_000 }), { minLength: 1, maxLength: 60 });

function histogramOf(all: readonly number[]): DurationHistogram {
  const histogram = new DurationHistogram();
  for (const nanos of all) histogram.add(nanos);
  return histogram;
}

test('a duration is within the bounds of its bucket', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (nanos) => {
      const bucket = bucketOf(nanos);
      expect(nanos).toBeGreaterThan(2 ** (bucket / 8) * (1 - 1e-12));
      expect(nanos).toBeLessThanOrEqual(2 ** ((bucket + 1) / 8) * (1 + 1e-12));
    }),
    { seed: 1 },
  );
});

test('a quantile lies in the bucket of the duration that has that rank', () => {
  fc.assert(
    fc.property(durations, fc.double({ min: 0.001, max: 1, noNaN: true }), (all, quantile) => {
      const ranked = all.toSorted((a, b) => a - b)[Math.ceil(quantile * all.length - 1e-9) - 1]!;
      const answer = histogramOf(all).quantile(quantile);
      if (ranked === 0) expect(answer).toBe(0);
      else {
        expect(answer / ranked).toBeGreaterThan(1 / 1.0906);
        expect(answer / ranked).toBeLessThan(1.0906);
      }
    }),
    { seed: 2 },
  );
});

test('merged or written and read again, a histogram is that of all durations', () => {
  fc.assert(
    fc.property(durations, durations, (some, others) => {
      const merged = histogramOf(some);
      merged.merge(new DurationHistogram(histogramOf(others).toArray()));
      expect(merged.toArray()).toEqual(histogramOf([...some, ...others]).toArray());
      expect(merged.count).toBe(some.length + others.length);
    }),
    { seed: 3 },
  );
});

test('what was merged can be subtracted again', () => {
  fc.assert(
    fc.property(durations, durations, (some, others) => {
      const histogram = histogramOf(some);
      histogram.merge(histogramOf(others));
      histogram.subtract(histogramOf(some));
      expect(histogram.toArray()).toEqual(histogramOf(others).toArray());
      expect(histogram.count).toBe(others.length);
    }),
    { seed: 4 },
  );
});

test('no duration has no quantile', () => {
  expect(new DurationHistogram().quantile(0.5)).toBeNaN();
});
