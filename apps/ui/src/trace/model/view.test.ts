import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ROW_HEIGHT, RowLayout } from './row-layout.ts';
import { clampRange, formatRange, panned, parseRange, showing, ticksOf, zoomed } from './view-range.ts';

test('zooming keeps what lies at the anchor where it is', () => {
  const range = zoomed({ startMicros: 100, endMicros: 300 }, 0.5, 0.25, 1_000);
  expect(range).toEqual({ startMicros: 125, endMicros: 225 });
});

test('panning stops at the edges and keeps the width', () => {
  expect(panned({ startMicros: 100, endMicros: 300 }, -5, 1_000)).toEqual({ startMicros: 0, endMicros: 200 });
  expect(panned({ startMicros: 700, endMicros: 900 }, 5, 1_000)).toEqual({ startMicros: 800, endMicros: 1_000 });
});

test('a span outside the range is brought into it, one that is partly inside moves nothing', () => {
  const range = { startMicros: 100, endMicros: 200 };
  expect(showing(range, 150, 900, 1_000)).toBe(range);
  expect(showing(range, 600, 620, 1_000)).toEqual({ startMicros: 560, endMicros: 660 });
  expect(showing(range, 300, 900, 1_000)).toEqual({ startMicros: 290, endMicros: 390 });
  expect(showing(range, 5, 10, 1_000)).toEqual({ startMicros: 0, endMicros: 100 });
});

test('a range survives the address, and nonsense in the address is no range', () => {
  const range = { startMicros: 12.5, endMicros: 340 };
  expect(parseRange(formatRange(range), 1_000)).toEqual(range);
  for (const text of ['', '5', '9-3', 'a-b', '-1-5', '1e5-2e5', '<b>']) expect(parseRange(text, 1_000)).toBeUndefined();
  expect(parseRange(null, 1_000)).toBeUndefined();
});

test('ticks are round and inside the range', () => {
  expect(ticksOf({ startMicros: 0, endMicros: 1_000 }, 5)).toEqual([0, 200, 400, 600, 800, 1_000]);
  expect(ticksOf({ startMicros: 130, endMicros: 190 }, 6)).toEqual([130, 140, 150, 160, 170, 180, 190]);
  expect(ticksOf({ startMicros: 0, endMicros: 60e6 }, 4)).toEqual([0, 15e6, 30e6, 45e6, 60e6]);
});

test('whatever happens, the range stays inside the trace and has a width', () => {
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.double({ min: 0, max: 1e6, noNaN: true }), (startMicros, endMicros, duration) => {
      const range = clampRange({ startMicros, endMicros }, duration);
      expect(range.startMicros).toBeGreaterThanOrEqual(0);
      expect(range.endMicros).toBeLessThanOrEqual(Math.max(duration, 0.01) * (1 + 1e-12));
      expect(range.endMicros).toBeGreaterThan(range.startMicros);
    }),
  );
});

test('rows follow one another without gap, whatever details are open', () => {
  const details = fc.dictionary(fc.integer({ min: 0, max: 49 }).map(String), fc.integer({ min: 0, max: 500 }));
  fc.assert(
    fc.property(details, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (given, share) => {
      const heights = new Map(Object.entries(given).map(([place, height]) => [Number(place), height]));
      const layout = new RowLayout(50, heights);
      for (let place = 0; place < 50; place += 1) {
        const next = place === 49 ? layout.height : layout.topOf(place + 1);
        expect(next - layout.topOf(place)).toBe(ROW_HEIGHT + (heights.get(place) ?? 0));
      }
      const y = share * layout.height;
      const place = layout.placeAt(y);
      expect(layout.topOf(place)).toBeLessThanOrEqual(y);
      if (place < 49) expect(layout.topOf(place + 1)).toBeGreaterThan(y);
    }),
  );
});

test('a point beyond the edges belongs to the first or the last row', () => {
  const layout = new RowLayout(10);
  expect(layout.placeAt(-50)).toBe(0);
  expect(layout.placeAt(99_999)).toBe(9);
  expect(new RowLayout(0).placeAt(10)).toBe(0);
});
