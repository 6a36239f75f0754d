import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { formatDuration } from '../../format/duration.ts';
import { useCanvasColors } from '../../theme/canvas-colors.ts';
import { useElementWidth } from '../grid/use-element-width.ts';
import type { TraceColumns } from '../model/columns.ts';
import { useRange, type ViewStore } from '../page/view-store.ts';
import './Overview.css';
import { paintOverview } from './overview-painter.ts';

const heightPx = 56;
const dragThresholdPx = 3;

/** What a drag on the strip does. */
type Drag =
  | { readonly kind: 'select'; readonly from: number }
  | { readonly kind: 'move'; last: number }
  | { readonly kind: 'edge'; readonly opposite: number };

/** The whole trace as a strip: dragging selects what the timeline shows, the edges and the middle of that can be moved. */
export function Overview({ columns, view }: { readonly columns: TraceColumns; readonly view: ViewStore }) {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<{ readonly drag: Drag; readonly x: number; moved: boolean } | undefined>(undefined);
  const width = useElementWidth(box);
  const colors = useCanvasColors();
  const range = useRange(view);
  const total = Math.max(columns.durationMicros, 0.01);
  const left = range.startMicros / total;
  const right = range.endMicros / total;

  // A frame later than the rows: on a large trace it costs as much as they do.
  useEffect(() => {
    const frame = requestAnimationFrame(() => paint());
    const paint = () => {
      const context = canvas.current?.getContext('2d');
      if (context === null || context === undefined || width === 0) return;
      context.canvas.width = Math.round(width * devicePixelRatio);
      context.canvas.height = Math.round(heightPx * devicePixelRatio);
      context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
      paintOverview(context, columns, colors, width, heightPx);
    };
    return () => cancelAnimationFrame(frame);
  }, [columns, colors, width]);

  const shareOf = (event: PointerEvent): number => {
    const bounds = (box as HTMLDivElement).getBoundingClientRect();
    return Math.min(Math.max((event.clientX - bounds.left) / bounds.width, 0), 1);
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    box?.setPointerCapture(event.pointerId);
    const part = (event.target as HTMLElement).dataset['part'];
    const begun: Drag =
      part === 'start'
        ? { kind: 'edge', opposite: right }
        : part === 'end'
          ? { kind: 'edge', opposite: left }
          : part === 'middle' && !view.isFull
            ? { kind: 'move', last: shareOf(event) }
            : { kind: 'select', from: shareOf(event) };
    drag.current = { drag: begun, x: event.clientX, moved: false };
  };
  const onPointerMove = (event: PointerEvent) => {
    const now = drag.current;
    if (now === undefined) return;
    if (!now.moved && Math.abs(event.clientX - now.x) < dragThresholdPx) return;
    now.moved = true;
    const share = shareOf(event);
    const set = (a: number, b: number) =>
      view.set({ startMicros: Math.min(a, b) * total, endMicros: Math.max(a, b) * total });
    if (now.drag.kind === 'select') set(now.drag.from, share);
    else if (now.drag.kind === 'edge') set(now.drag.opposite, share);
    else {
      const { startMicros, endMicros } = view.range();
      const by = (share - now.drag.last) * total;
      now.drag.last = share;
      view.set({ startMicros: startMicros + by, endMicros: endMicros + by });
    }
  };
  const onPointerUp = () => {
    drag.current = undefined;
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing with handles; the keys that do the same are the page's
    <div
      ref={setBox}
      className={view.isFull ? 'overview' : 'overview is-zoomed'}
      role="group"
      aria-label={`Overview: the timeline shows ${formatDuration(range.startMicros * 1000)} to ${formatDuration(range.endMicros * 1000)} of ${formatDuration(columns.durationMicros * 1000)}`}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onDoubleClick={() => view.reset()}
    >
      <canvas ref={canvas} style={{ width, height: heightPx }} />
      {!view.isFull && (
        <>
          <div className="overview-dim" style={{ left: 0, width: `${left * 100}%` }} />
          <div className="overview-dim" style={{ left: `${right * 100}%`, right: 0 }} />
          <div
            className="overview-window"
            data-part="middle"
            style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }}
          />
          <div className="overview-edge" data-part="start" style={{ left: `${left * 100}%` }} />
          <div className="overview-edge" data-part="end" style={{ left: `${right * 100}%` }} />
          <button
            type="button"
            className="button overview-reset"
            onPointerDown={(event) => event.stopPropagation()}
            onClick={() => view.reset()}
          >
            Whole trace
          </button>
        </>
      )}
    </div>
  );
}
