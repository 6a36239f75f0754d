import type { CanvasColors } from '../theme/canvas-colors.ts';
import type { Point, Scale } from './scatter-scale.ts';

export interface Highlight {
  /** The point under the pointer, or the row that has the focus. */
  readonly traceId: string | undefined;
  /** Traces outside of the chosen window are drawn faint. */
  readonly isInside: (point: Point) => boolean;
  /** Corners of what is chosen, in CSS pixels. */
  readonly selection: readonly [x0: number, y0: number, x1: number, y1: number] | undefined;
}

/** Draws the whole plot. The context is scaled so that one unit is one CSS pixel. */
export function drawScatter(
  context: CanvasRenderingContext2D,
  scale: Scale,
  colors: CanvasColors,
  font: string,
  highlight: Highlight,
): void {
  const { box } = scale;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.font = font;
  context.lineWidth = 1;
  context.fillStyle = colors.token('--text-muted');
  context.strokeStyle = colors.token('--border');
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  for (const tick of scale.yTicks) {
    line(context, box.left, tick.at, box.left + box.width, tick.at);
    context.fillText(tick.label, box.left - 8, tick.at);
  }
  context.textAlign = 'center';
  for (const tick of scale.xTicks) {
    line(context, tick.at, box.top + box.height, tick.at, box.top + box.height + 4);
    if (tick.at > box.left + 20 && tick.at < box.left + box.width - 20)
      context.fillText(tick.label, tick.at, box.top + box.height + 14);
  }
  line(context, box.left, box.top + box.height, box.left + box.width, box.top + box.height);

  drawPoints(context, scale.points, colors, highlight);
  drawSelection(context, colors, highlight.selection);
}

function drawPoints(
  context: CanvasRenderingContext2D,
  points: readonly Point[],
  colors: CanvasColors,
  highlight: Highlight,
): void {
  const accent = colors.token('--accent');
  const error = colors.token('--error');
  // Errors last: they must not be covered.
  for (const wantsErrors of [false, true]) {
    for (const point of points) {
      if (point.summary.errorSpanCount > 0 !== wantsErrors) continue;
      const isInside = highlight.isInside(point);
      shape(context, point, wantsErrors);
      context.fillStyle = wantsErrors ? error : accent;
      context.globalAlpha = isInside ? (wantsErrors ? 0.75 : 0.45) : 0.08;
      context.fill();
      context.globalAlpha = isInside ? 1 : 0.15;
      context.strokeStyle = wantsErrors ? error : accent;
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  const marked = points.find((point) => point.summary.traceId === highlight.traceId);
  if (marked === undefined) return;
  shape(context, { ...marked, radius: marked.radius + 3 }, marked.summary.errorSpanCount > 0);
  context.lineWidth = 2;
  context.strokeStyle = colors.token('--text');
  context.stroke();
}

/** A circle; for a trace with errors a diamond, so that colour is not all that tells. */
function shape(
  context: CanvasRenderingContext2D,
  { x, y, radius }: Pick<Point, 'x' | 'y' | 'radius'>,
  isError: boolean,
): void {
  context.beginPath();
  if (!isError) {
    context.arc(x, y, radius, 0, Math.PI * 2);
    return;
  }
  const reach = radius * 1.3;
  context.moveTo(x, y - reach);
  context.lineTo(x + reach, y);
  context.lineTo(x, y + reach);
  context.lineTo(x - reach, y);
  context.closePath();
}

function drawSelection(
  context: CanvasRenderingContext2D,
  colors: CanvasColors,
  selection: Highlight['selection'],
): void {
  if (selection === undefined) return;
  const [x0, y0, x1, y1] = selection;
  const rectangle = [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)] as const;
  context.lineWidth = 1;
  context.globalAlpha = 0.1;
  context.fillStyle = colors.token('--accent');
  context.fillRect(...rectangle);
  context.globalAlpha = 1;
  context.strokeStyle = colors.token('--accent');
  context.strokeRect(...rectangle);
}

/** On the middle of a pixel, so that it is one pixel wide. */
function line(context: CanvasRenderingContext2D, x0: number, y0: number, x1: number, y1: number): void {
  context.beginPath();
  context.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
  context.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  context.stroke();
}
