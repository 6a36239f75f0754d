/** The stretch of the trace that the timeline shows, relative to the trace's start. */
export interface ViewRange {
  readonly startMicros: number;
  readonly endMicros: number;
}

/** Nothing is drawn finer than this: ten nanoseconds across the whole timeline. */
const minWidthMicros = 0.01;

export function fullRange(durationMicros: number): ViewRange {
  return { startMicros: 0, endMicros: Math.max(durationMicros, minWidthMicros) };
}

/** Inside the trace, and not narrower than can be drawn. Moves before it cuts, so that a pan keeps its width. */
export function clampRange(range: ViewRange, durationMicros: number): ViewRange {
  const full = fullRange(durationMicros);
  const wanted = range.endMicros - range.startMicros;
  if (!Number.isFinite(wanted)) return full;
  const width = Math.min(Math.max(wanted, minWidthMicros), full.endMicros);
  const middle = (range.startMicros + range.endMicros) / 2;
  const start = wanted < minWidthMicros ? middle - width / 2 : range.startMicros;
  const startMicros = Math.min(Math.max(start, 0), full.endMicros - width);
  return { startMicros, endMicros: startMicros + width };
}

/** `factor` below 1 zooms in. What lies at `anchor` (0 = left edge, 1 = right edge) stays where it is. */
export function zoomed(range: ViewRange, factor: number, anchor: number, durationMicros: number): ViewRange {
  const width = range.endMicros - range.startMicros;
  const newWidth = Math.min(Math.max(width * factor, minWidthMicros), fullRange(durationMicros).endMicros);
  const startMicros = range.startMicros + (width - newWidth) * anchor;
  return clampRange({ startMicros, endMicros: startMicros + newWidth }, durationMicros);
}

/** `by` is a share of the width: 0.5 moves half a screen to the right. */
export function panned(range: ViewRange, by: number, durationMicros: number): ViewRange {
  const step = (range.endMicros - range.startMicros) * by;
  return clampRange({ startMicros: range.startMicros + step, endMicros: range.endMicros + step }, durationMicros);
}

/** The same width, moved so that the span is in it; unchanged where a part of the span is in it already. */
export function showing(range: ViewRange, startMicros: number, endMicros: number, durationMicros: number): ViewRange {
  if (endMicros >= range.startMicros && startMicros <= range.endMicros) return range;
  const width = range.endMicros - range.startMicros;
  const start = endMicros - startMicros < width ? (startMicros + endMicros - width) / 2 : startMicros - width * 0.1;
  return clampRange({ startMicros: start, endMicros: start + width }, durationMicros);
}

export function isFullRange(range: ViewRange, durationMicros: number): boolean {
  return range.startMicros <= 0 && range.endMicros >= fullRange(durationMicros).endMicros;
}

/** As it stands in the address: `1200-5400.5` in microseconds. */
export function formatRange(range: ViewRange): string {
  return `${trimmed(range.startMicros)}-${trimmed(range.endMicros)}`;
}

export function parseRange(text: string | null, durationMicros: number): ViewRange | undefined {
  const match = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text ?? '');
  if (match === null) return undefined;
  const range = { startMicros: Number(match[1]), endMicros: Number(match[2]) };
  return range.endMicros > range.startMicros ? clampRange(range, durationMicros) : undefined;
}

function trimmed(micros: number): string {
  return String(Number(micros.toFixed(3)));
}

/** Round times to mark inside the range, `count` of them or a few less: 1, 2 or 5 times a power of ten, or as clocks go. */
export function ticksOf(range: ViewRange, count: number): number[] {
  const step = stepOf((range.endMicros - range.startMicros) / Math.max(1, count));
  const ticks: number[] = [];
  for (let i = Math.ceil(range.startMicros / step); i * step <= range.endMicros && ticks.length < 100; i += 1) {
    ticks.push(i * step);
  }
  return ticks;
}

const clockSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

function stepOf(least: number): number {
  const seconds = least / 1e6;
  if (seconds > 1 && seconds <= 86_400) return (clockSteps.find((step) => step >= seconds) ?? 86_400) * 1e6;
  const power = 10 ** Math.floor(Math.log10(least));
  const digit = least / power;
  return power * (digit <= 1.000001 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}
