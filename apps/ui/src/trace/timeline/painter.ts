import { formatDuration } from '../../format/duration.ts';
import type { CanvasColors } from '../../theme/canvas-colors.ts';
import { serviceColorIndex } from '../../theme/service-color.ts';
import type { TraceColumns } from '../model/columns.ts';
import { hasFlag } from '../model/columns.ts';
import { stretchesOfRows } from '../model/critical-path.ts';
import { ROW_HEIGHT, type RowLayout } from '../model/row-layout.ts';
import { forEachCoveredStretch } from '../model/self-time.ts';
import type { ViewRange } from '../model/view-range.ts';
import { ticksOf } from '../model/view-range.ts';

/** Everything that decides what the timeline's canvas shows. */
export interface TimelineScene {
  readonly columns: TraceColumns;
  readonly rows: Int32Array;
  readonly layout: RowLayout;
  readonly collapsed: ReadonlySet<number>;
  readonly showsCriticalPath: boolean;
  readonly range: ViewRange;
  readonly colors: CanvasColors;
}

/** The part of the rows that the canvas stands for, in CSS pixels. */
export interface Tile {
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const barTop = 5;
const barHeight = 13;
const labelGap = 6;

/** How many ticks fit. */
export function tickCountFor(width: number): number {
  return Math.max(2, Math.floor(width / 110));
}

/** Draws the rows of the tile, nothing else: what it costs depends on the height of the window, not on the trace. */
export function paintTimeline(context: CanvasRenderingContext2D, scene: TimelineScene, tile: Tile): void {
  const { layout, rows, colors, range } = scene;
  context.clearRect(0, 0, tile.width, tile.height);
  const scale = tile.width / (range.endMicros - range.startMicros);
  const x = (micros: number): number => (micros - range.startMicros) * scale;

  const style = styleOf(colors);
  context.fillStyle = style.border;
  context.globalAlpha = 0.7;
  for (const tick of ticksOf(range, tickCountFor(tile.width))) context.fillRect(Math.round(x(tick)), 0, 1, tile.height);
  context.globalAlpha = 1;
  if (rows.length === 0) return;

  context.font = style.font;
  context.textBaseline = 'middle';
  const last = layout.placeAt(tile.top + tile.height);
  for (let place = layout.placeAt(tile.top); place <= last; place += 1) {
    paintRow(context, scene, rows[place] ?? 0, layout.topOf(place) - tile.top, tile.width, x, style);
  }
  if (scene.showsCriticalPath) paintCriticalPath(context, scene, tile, x, style);
}

interface RowStyle {
  readonly text: string;
  readonly muted: string;
  readonly error: string;
  readonly background: string;
  readonly border: string;
  readonly font: string;
}

const styles = new WeakMap<CanvasColors, RowStyle>();

/** Read once a theme: each look at a custom property may cost a layout. */
function styleOf(colors: CanvasColors): RowStyle {
  let style = styles.get(colors);
  if (style === undefined) {
    style = {
      text: colors.token('--text'),
      muted: colors.token('--text-muted'),
      error: colors.token('--error'),
      background: colors.token('--background'),
      border: colors.token('--border'),
      font: `11px ${colors.token('--font')}`,
    };
    styles.set(colors, style);
  }
  return style;
}

function paintRow(
  context: CanvasRenderingContext2D,
  { columns, colors }: TimelineScene,
  row: number,
  top: number,
  width: number,
  x: (micros: number) => number,
  style: RowStyle,
): void {
  const start = columns.startMicros[row] ?? 0;
  const duration = columns.spanDurationMicros[row] ?? 0;
  const color = colors.service[serviceColorIndex(columns.services[columns.service[row] ?? 0] ?? '')] ?? style.text;
  const trueLeft = x(start);
  const trueRight = x(start + duration);
  if (trueRight < 0 || trueLeft > width) {
    paintArrow(context, trueRight < 0, top, width, color);
    return;
  }

  const left = Math.max(-4, trueLeft);
  const right = Math.max(left + 1.5, Math.min(width + 4, trueRight));
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(left, top + barTop, right - left, barHeight, Math.min(2, (right - left) / 2));
  context.fill();
  paintWaiting(context, columns, row, top, width, x, style);
  if (hasFlag(columns, row, 'error')) {
    context.fillStyle = style.error;
    context.fillRect(left, top + barTop - 2, Math.max(3, right - left), 2);
  }
  paintEvents(context, columns, row, top, width, x, style);
  paintLabel(context, formatDuration(duration * 1000), left, right, top, width, style);
}

/** The time in which the span waited for its children is pale: what stays strong is its own. */
function paintWaiting(
  context: CanvasRenderingContext2D,
  columns: TraceColumns,
  row: number,
  top: number,
  width: number,
  x: (micros: number) => number,
  style: RowStyle,
): void {
  if (columns.childCount[row] === 0) return;
  context.fillStyle = style.background;
  context.globalAlpha = 0.5;
  forEachCoveredStretch(columns, row, (start, end) => {
    const left = Math.max(0, x(start));
    const right = Math.min(width, x(end));
    if (right - left >= 0.75) context.fillRect(left, top + barTop + 1.5, right - left, barHeight - 3);
  });
  context.globalAlpha = 1;
}

function paintEvents(
  context: CanvasRenderingContext2D,
  columns: TraceColumns,
  row: number,
  top: number,
  width: number,
  x: (micros: number) => number,
  style: RowStyle,
): void {
  let drawnAt = Number.NEGATIVE_INFINITY;
  for (let i = columns.eventOffset[row] ?? 0; i < (columns.eventOffset[row + 1] ?? 0); i += 1) {
    const at = x(columns.eventMicros[i] ?? 0);
    if (at < 0 || at > width || at - drawnAt < 1) continue;
    drawnAt = at;
    context.fillStyle = style.background;
    context.fillRect(at - 1.5, top + barTop + 1, 3, barHeight - 2);
    context.fillStyle = style.text;
    context.fillRect(at - 0.5, top + barTop + 1, 1, barHeight - 2);
  }
}

/** To the right of the bar where there is room, else to its left, else at the right edge on a ground of its own. */
function paintLabel(
  context: CanvasRenderingContext2D,
  text: string,
  left: number,
  right: number,
  top: number,
  width: number,
  style: RowStyle,
): void {
  const labelWidth = context.measureText(text).width;
  const y = top + barTop + barHeight / 2 + 0.5;
  context.fillStyle = style.muted;
  if (right + labelGap + labelWidth <= width - 2) context.fillText(text, right + labelGap, y);
  else if (left - labelGap - labelWidth >= 2) context.fillText(text, left - labelGap - labelWidth, y);
  else {
    const at = width - labelWidth - 10;
    context.fillStyle = style.background;
    context.fillRect(at - 4, top + barTop + 0.5, labelWidth + 8, barHeight - 1);
    context.fillStyle = style.text;
    context.fillText(text, at, y);
  }
}

/** Points to a bar that lies outside. */
function paintArrow(
  context: CanvasRenderingContext2D,
  toLeft: boolean,
  top: number,
  width: number,
  color: string,
): void {
  const tip = toLeft ? 3 : width - 3;
  const back = toLeft ? 8 : width - 8;
  const y = top + ROW_HEIGHT / 2;
  context.fillStyle = color;
  context.globalAlpha = 0.75;
  context.beginPath();
  context.moveTo(tip, y);
  context.lineTo(back, y - 4);
  context.lineTo(back, y + 4);
  context.fill();
  context.globalAlpha = 1;
}

/** A line along the bottom of the bars on the path. A collapsed row carries the stretches of all that it hides. */
function paintCriticalPath(
  context: CanvasRenderingContext2D,
  { columns, rows, layout, collapsed }: TimelineScene,
  tile: Tile,
  x: (micros: number) => number,
  style: RowStyle,
): void {
  const path = columns.criticalPath;
  context.fillStyle = style.text;
  const last = layout.placeAt(tile.top + tile.height);
  for (let place = layout.placeAt(tile.top); place <= last; place += 1) {
    const row = rows[place] ?? 0;
    const after = row + (collapsed.has(row) ? (columns.subtreeSize[row] ?? 1) : 1);
    const [from, to] = stretchesOfRows(path, row, after);
    const y = layout.topOf(place) - tile.top + barTop + barHeight;
    for (let i = from; i < to; i += 1) {
      const left = Math.max(0, x(path.startMicros[i] ?? 0));
      const right = Math.min(tile.width, x(path.endMicros[i] ?? 0));
      if (right >= 0 && left <= tile.width) context.fillRect(left, y, Math.max(1, right - left), 2);
    }
  }
}
