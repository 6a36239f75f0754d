import { expect, test } from 'vitest';
import type { TraceSummary } from '../api/summaries.ts';
import { isWithin } from './narrow.ts';
import { durationTicks, pointAt, scaleOf, timeTicks } from './scatter-scale.ts';

function summary(traceId: string, startMs: number, durationNanos: number, errorSpanCount = 0): TraceSummary {
  return {
    traceId,
    rootServiceName: 'shop',
    rootOperationName: 'GET /',
    startUnixNano: BigInt(startMs) * 1_000_000n,
    startMs,
    durationNanos,
    spanCount: 4,
    errorSpanCount,
    orphanSpanCount: 0,
    services: [],
  };
}

const summaries = [summary('a', 1e12, 1e6), summary('b', 1e12 + 60_000, 1e9), summary('c', 1e12 + 30_000, 0, 1)];

test('all points stand within the axes', () => {
  const { points, box } = scaleOf(summaries, 800, 200);
  for (const { x, y } of points) {
    expect(x).toBeGreaterThanOrEqual(box.left);
    expect(x).toBeLessThanOrEqual(box.left + box.width);
    expect(y).toBeGreaterThanOrEqual(box.top);
    expect(y).toBeLessThanOrEqual(box.top + box.height);
  }
});

test('a window drawn around a point holds that trace and no other, whichever corner came first', () => {
  const scale = scaleOf(summaries, 800, 200);
  for (const { x, y, summary: inside } of scale.points) {
    const window = scale.windowOf(x + 6, y + 6, x - 6, y - 6);
    expect(summaries.filter((candidate) => isWithin(candidate, window))).toEqual([inside]);
  }
});

test('of two traces in the same place the one with errors is hit', () => {
  const same = [summary('fine', 1e12, 5e6), summary('failed', 1e12, 5e6, 2), summary('also fine', 1e12, 5e6)];
  const { points } = scaleOf(same, 800, 200);
  expect(pointAt(points, points[0]?.x ?? 0, points[0]?.y ?? 0)?.summary.traceId).toBe('failed');
  expect(pointAt(points, 0, 0)).toBeUndefined();
});

test('one trace alone, and none, have axes too', () => {
  expect(scaleOf([summary('a', 1e12, 1e6)], 800, 200).yTicks.length).toBeGreaterThan(0);
  expect(scaleOf([], 800, 200).points).toEqual([]);
});

test('ticks are round', () => {
  expect(durationTicks(5.9, 9.1)).toEqual([1e6, 1e7, 1e8, 1e9]);
  expect(durationTicks(5.9, 6.8)).toEqual([1e6, 2e6, 5e6]);
  expect(timeTicks(1e12 + 1, 1e12 + 60_000, 6).map((at) => at % 10_000)).toEqual([0, 0, 0, 0, 0, 0]);
});
