import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { useCanvasColors } from '../../theme/canvas-colors.ts';
import type { TraceColumns } from '../model/columns.ts';
import type { RowLayout } from '../model/row-layout.ts';
import type { ViewStore } from '../page/view-store.ts';
import { paintTimeline, type TimelineScene } from './painter.ts';

interface Props {
  readonly columns: TraceColumns;
  readonly rows: Int32Array;
  readonly layout: RowLayout;
  readonly collapsed: ReadonlySet<number>;
  readonly showsCriticalPath: boolean;
  readonly view: ViewStore;
  /** What scrolls the rows; the canvas lies in its content. */
  readonly scroller: HTMLElement;
  readonly left: number;
  readonly width: number;
}

/** How far the canvas reaches beyond the window, so that scrolling moves finished pixels, in step with the rows. */
const reachPx = 480;

/** The bars. One canvas somewhat higher than the window scrolls along with the rows, and is redrawn when its edge comes near. */
export function TimelineCanvas(props: Props) {
  const { columns, rows, layout, collapsed, showsCriticalPath, view, scroller, left, width } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const colors = useCanvasColors();
  const scene = useRef<Omit<TimelineScene, 'range'>>({ columns, rows, layout, collapsed, showsCriticalPath, colors });
  const tileTop = useRef(0);
  const frame = useRef(0);

  const paint = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = 0;
    const context = canvas.current?.getContext('2d');
    if (context === null || context === undefined || width <= 0) return;
    const ratio = devicePixelRatio;
    const total = scene.current.layout.height;
    const height = Math.min(total, scroller.clientHeight + 2 * reachPx);
    tileTop.current = Math.max(0, Math.min(scroller.scrollTop - reachPx, total - height));
    const element = context.canvas;
    const pixelWidth = Math.round(width * ratio);
    const pixelHeight = Math.round(height * ratio);
    if (element.width !== pixelWidth || element.height !== pixelHeight) {
      element.width = pixelWidth;
      element.height = pixelHeight;
      element.style.width = `${width}px`;
      element.style.height = `${height}px`;
    }
    element.style.transform = `translateY(${tileTop.current}px)`;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintTimeline(context, { ...scene.current, range: view.range() }, { top: tileTop.current, width, height });
  }, [scroller, view, width]);

  // Before the browser paints, so that bars and rows never show different states.
  useLayoutEffect(() => {
    scene.current = { columns, rows, layout, collapsed, showsCriticalPath, colors };
    paint();
  }, [columns, rows, layout, collapsed, showsCriticalPath, colors, paint]);

  useEffect(() => {
    const schedule = () => {
      if (frame.current === 0) frame.current = requestAnimationFrame(paint);
    };
    const onScroll = () => {
      const top = scroller.scrollTop;
      const height = scene.current.layout.height;
      const bottom = top + scroller.clientHeight;
      const tileBottom = tileTop.current + scroller.clientHeight + 2 * reachPx;
      const margin = reachPx / 4;
      const isNearTop = tileTop.current > 0 && top - tileTop.current < margin;
      const isNearBottom = tileBottom < height && tileBottom - bottom < margin;
      if (isNearTop || isNearBottom) schedule();
    };
    const stop = view.subscribe(schedule);
    const resized = new ResizeObserver(schedule);
    resized.observe(scroller);
    scroller.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      stop();
      resized.disconnect();
      scroller.removeEventListener('scroll', onScroll);
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [paint, scroller, view]);

  return <canvas ref={canvas} className="timeline-canvas" style={{ left }} />;
}
