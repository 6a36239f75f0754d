import type { TraceSummary } from '../api/summaries.ts';
import { formatDuration } from '../format/duration.ts';
import { formatClock } from '../format/time.ts';
import type { PlotWindow } from './search-state.ts';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly summary: TraceSummary;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Maps time to x and the logarithm of duration to y, both in CSS pixels, and back. */
export interface Scale {
  readonly box: Box;
  readonly points: readonly Point[];
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  x(unixMs: number): number;
  y(nanos: number): number;
  windowOf(x0: number, y0: number, x1: number, y1: number): PlotWindow;
}

const margins = { left: 58, right: 12, top: 10, bottom: 22 };

/** Where every trace stands. The axes span the traces with a margin, so that what is there fills the plot. */
export function scaleOf(summaries: readonly TraceSummary[], width: number, height: number): Scale {
  const box: Box = {
    left: margins.left,
    top: margins.top,
    width: Math.max(1, width - margins.left - margins.right),
    height: Math.max(1, height - margins.top - margins.bottom),
  };
  const times = paddedRange(
    summaries.map((summary) => summary.startMs),
    0.02,
    1_000,
  );
  const logs = paddedRange(
    summaries.map((summary) => logOf(summary.durationNanos)),
    0.08,
    0.5,
  );
  const x = (unixMs: number) => box.left + ((unixMs - times.min) / (times.max - times.min)) * box.width;
  const y = (nanos: number) => box.top + box.height - ((logOf(nanos) - logs.min) / (logs.max - logs.min)) * box.height;
  const timeAt = (px: number) => times.min + ((px - box.left) / box.width) * (times.max - times.min);
  const nanosAt = (py: number) => 10 ** (logs.min + ((box.top + box.height - py) / box.height) * (logs.max - logs.min));
  // Many dots are smaller, so that single ones can be told apart.
  const crowding = Math.min(1, Math.max(0.6, Math.sqrt(200 / Math.max(1, summaries.length))));
  return {
    box,
    points: summaries.map((summary) => ({
      summary,
      x: x(summary.startMs),
      y: y(summary.durationNanos),
      radius: radiusOf(summary.spanCount) * crowding,
    })),
    xTicks: timeTicks(times.min, times.max, Math.max(2, Math.floor(box.width / 110))).map((at) => ({
      at: x(at),
      label: timeLabel(at, times.max - times.min),
    })),
    yTicks: durationTicks(logs.min, logs.max).map((nanos) => ({ at: y(nanos), label: formatDuration(nanos) })),
    x,
    y,
    windowOf: (x0, y0, x1, y1) => ({
      startMs: Math.floor(timeAt(Math.min(x0, x1))),
      endMs: Math.ceil(timeAt(Math.max(x0, x1))),
      minNanos: Math.max(0, Math.floor(nanosAt(Math.max(y0, y1)))),
      maxNanos: Math.ceil(nanosAt(Math.min(y0, y1))),
    }),
  };
}

/** A duration of zero has no logarithm; it stands with one nanosecond. */
function logOf(nanos: number): number {
  return Math.log10(Math.max(1, nanos));
}

function radiusOf(spanCount: number): number {
  return Math.min(11, 2.5 + Math.log2(Math.max(1, spanCount)) * 0.75);
}

function paddedRange(values: readonly number[], padding: number, minWidth: number): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return { min: 0, max: 1 };
  const width = Math.max(max - min, minWidth);
  const middle = (min + max) / 2;
  return { min: middle - width * (0.5 + padding), max: middle + width * (0.5 + padding) };
}

const stepsMs = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 108e5,
  216e5, 432e5, 864e5, 1728e5, 6048e5,
];

/** Round moments of local time, at most `maxCount`. */
export function timeTicks(minMs: number, maxMs: number, maxCount: number): number[] {
  const step = stepsMs.find((ms) => (maxMs - minMs) / ms <= maxCount) ?? Math.ceil((maxMs - minMs) / maxCount);
  const zoneMs = new Date(minMs).getTimezoneOffset() * 60_000;
  const ticks: number[] = [];
  for (let at = Math.ceil((minMs - zoneMs) / step) * step + zoneMs; at <= maxMs; at += step) ticks.push(at);
  return ticks;
}

function timeLabel(unixMs: number, spanMs: number): string {
  if (spanMs > 129_600_000) {
    const date = new Date(unixMs);
    return `${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')} ${formatClock(unixMs, false).slice(0, 5)}`;
  }
  if (spanMs > 600_000) return formatClock(unixMs, false).slice(0, 5);
  return spanMs > 5_000 ? formatClock(unixMs, false) : formatClock(unixMs);
}

/** Powers of ten; within two decades also 2 and 5 of each. */
export function durationTicks(minLog: number, maxLog: number): number[] {
  const factors = maxLog - minLog > 2 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(minLog); power <= maxLog; power++) {
    for (const factor of factors) {
      const nanos = factor * 10 ** power;
      if (nanos >= 1 && Math.log10(nanos) >= minLog && Math.log10(nanos) <= maxLog) ticks.push(nanos);
    }
  }
  return ticks;
}

/** The point under the pointer: of those within reach the nearest, errors first. */
export function pointAt(points: readonly Point[], x: number, y: number): Point | undefined {
  let best: Point | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const point of points) {
    const distance = Math.hypot(point.x - x, point.y - y);
    const ranked = distance - (point.summary.errorSpanCount > 0 ? 1.5 : 0);
    if (distance <= Math.max(point.radius, 5) + 2 && ranked < bestDistance) {
      best = point;
      bestDistance = ranked;
    }
  }
  return best;
}
