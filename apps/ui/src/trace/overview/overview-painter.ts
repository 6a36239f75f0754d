import type { CanvasColors } from '../../theme/canvas-colors.ts';
import { serviceColorIndex } from '../../theme/service-color.ts';
import type { TraceColumns } from '../model/columns.ts';
import { hasFlag } from '../model/columns.ts';

/** Of the spans that share a line of pixels only so many are drawn: more would not be seen. */
const maxSpansPerLine = 12;
/** At the bottom, for the error marks. */
export const errorStripPx = 6;

/** The whole trace in little: spans from top to bottom in tree order, errors marked below. */
export function paintOverview(
  context: CanvasRenderingContext2D,
  columns: TraceColumns,
  colors: CanvasColors,
  width: number,
  height: number,
): void {
  context.clearRect(0, 0, width, height);
  const scale = width / Math.max(columns.durationMicros, 0.01);
  const room = height - errorStripPx - 4;
  const lineHeight = Math.max(1, Math.min(5, room / columns.spanCount));
  const lines = Math.max(1, Math.floor(room / lineHeight));
  const perLine = columns.spanCount / Math.min(lines, columns.spanCount);
  const step = Math.max(1, Math.floor(perLine / maxSpansPerLine));
  for (let row = 0; row < columns.spanCount; row += step) {
    const service = columns.services[columns.service[row] ?? 0] ?? '';
    context.fillStyle = colors.service[serviceColorIndex(service)] ?? '#888';
    const left = (columns.startMicros[row] ?? 0) * scale;
    const barWidth = Math.max(1, (columns.spanDurationMicros[row] ?? 0) * scale);
    context.fillRect(
      left,
      2 + Math.floor(row / perLine) * lineHeight,
      barWidth,
      lineHeight > 2 ? lineHeight - 1 : lineHeight,
    );
  }
  paintErrors(context, columns, colors, scale, width, height);
}

/** One mark a pixel at most, at the start of the span that failed. */
function paintErrors(
  context: CanvasRenderingContext2D,
  columns: TraceColumns,
  colors: CanvasColors,
  scale: number,
  width: number,
  height: number,
): void {
  if (columns.errorCount === 0) return;
  const taken = new Uint8Array(Math.ceil(width) + 1);
  context.fillStyle = colors.token('--error');
  for (let row = 0; row < columns.spanCount; row += 1) {
    if (!hasFlag(columns, row, 'error')) continue;
    const at = Math.round((columns.startMicros[row] ?? 0) * scale);
    if (taken[at] === 1) continue;
    taken[at] = 1;
    context.beginPath();
    context.moveTo(at, height - errorStripPx);
    context.lineTo(at + 3, height);
    context.lineTo(at - 3, height);
    context.fill();
  }
}
