import { type MouseEvent, type PointerEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { TraceSummary } from '../api/summaries.ts';
import { formatDuration } from '../format/duration.ts';
import { formatCounted } from '../format/number.ts';
import { formatDateTime } from '../format/time.ts';
import { useCanvasColors } from '../theme/canvas-colors.ts';
import { isWithin } from './narrow.ts';
import './ScatterPlot.css';
import { drawScatter } from './scatter-draw.ts';
import { type Point, pointAt, scaleOf } from './scatter-scale.ts';
import type { PlotWindow } from './search-state.ts';

interface Props {
  readonly summaries: readonly TraceSummary[];
  readonly window: PlotWindow | undefined;
  /** The row that has the focus. */
  readonly markedTraceId: string | undefined;
  readonly onWindow: (window: PlotWindow | undefined) => void;
  readonly onOpen: (traceId: string, inNewTab: boolean) => void;
}

interface Drag {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Less is a click. */
const minDragPixels = 5;
/** `data-points` tells browser tests where the first points are. */
const exposedPoints = 50;

function useSize(ref: React.RefObject<HTMLElement | null>): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (ref.current === null) return;
    setSize({ width: ref.current.clientWidth, height: ref.current.clientHeight });
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) });
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  return size;
}

/** Time × duration. A click opens the trace; dragging chooses a window, which narrows the list; a double click frees it. */
export function ScatterPlot({ summaries, window: chosen, markedTraceId, onWindow, onOpen }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(frame);
  const colors = useCanvasColors();
  const [hovered, setHovered] = useState<Point | undefined>();
  const [drag, setDrag] = useState<Drag | undefined>();
  const scale = useMemo(() => scaleOf(summaries, width, height), [summaries, width, height]);

  // Before the browser paints, so that the plot comes with the list and not a frame after it.
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const ratio = devicePixelRatio;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const font = `11px ${getComputedStyle(element).fontFamily}`;
    drawScatter(context, scale, colors, font, {
      traceId: hovered?.summary.traceId ?? markedTraceId,
      isInside: (point) => chosen === undefined || isWithin(point.summary, chosen),
      selection: drag
        ? [drag.x0, drag.y0, drag.x1, drag.y1]
        : chosen && [
            scale.x(chosen.startMs),
            scale.y(chosen.maxNanos),
            scale.x(chosen.endMs),
            scale.y(chosen.minNanos),
          ],
    });
  }, [scale, colors, width, height, hovered, markedTraceId, chosen, drag]);

  const place = (event: MouseEvent) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
  };
  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { x, y } = place(event);
    setDrag({ x0: x, y0: y, x1: x, y1: y });
  };
  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>) => {
    const { x, y } = place(event);
    if (drag !== undefined) setDrag({ ...drag, x1: x, y1: y });
    else setHovered(pointAt(scale.points, x, y));
  };
  const onPointerUp = (event: PointerEvent<HTMLCanvasElement>) => {
    if (drag === undefined) return;
    setDrag(undefined);
    const { x, y } = place(event);
    if (Math.hypot(x - drag.x0, y - drag.y0) >= minDragPixels) {
      setHovered(undefined);
      onWindow(scale.windowOf(drag.x0, drag.y0, x, y));
      return;
    }
    const point = pointAt(scale.points, x, y);
    if (point !== undefined) onOpen(point.summary.traceId, event.ctrlKey || event.metaKey);
  };

  const errors = summaries.filter((summary) => summary.errorSpanCount > 0).length;
  return (
    <div className="scatter" ref={frame}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Durations over time of ${formatCounted(summaries.length, 'trace')}, ${formatCounted(errors, 'with errors', 'with errors')}. The list below holds the same traces.`}
        data-points={JSON.stringify(
          scale.points.slice(0, exposedPoints).map(({ summary, x, y }) => ({
            traceId: summary.traceId,
            x: Math.round(x),
            y: Math.round(y),
          })),
        )}
        data-hovered={hovered !== undefined}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setDrag(undefined)}
        onPointerLeave={() => setHovered(undefined)}
        onDoubleClick={() => onWindow(undefined)}
      />
      {hovered !== undefined && drag === undefined && <Tooltip point={hovered} width={width} />}
    </div>
  );
}

function Tooltip({ point, width }: { readonly point: Point; readonly width: number }) {
  const { summary } = point;
  const isOnTheRight = point.x > width / 2;
  return (
    <div
      className="scatter-tooltip"
      role="tooltip"
      style={{
        top: Math.max(4, point.y - 20),
        ...(isOnTheRight ? { right: width - point.x + 16 } : { left: point.x + 16 }),
      }}
    >
      <strong>{summary.rootOperationName}</strong>
      <div>{summary.rootServiceName}</div>
      <div>
        {formatDuration(summary.durationNanos)} · {formatCounted(summary.spanCount, 'span')}
        {summary.errorSpanCount > 0 && (
          <span className="error-text"> · {formatCounted(summary.errorSpanCount, 'error')}</span>
        )}
      </div>
      <div className="muted">{formatDateTime(summary.startMs)}</div>
    </div>
  );
}
