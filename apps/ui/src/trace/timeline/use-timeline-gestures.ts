import { type RefObject, useEffect } from 'react';
import { formatDuration } from '../../format/duration.ts';
import type { ViewStore } from '../page/view-store.ts';

interface Surface {
  /** What scrolls; wheel and pointer events are taken from it. */
  readonly scroller: HTMLElement | null;
  /** Lies over the timeline and shows the pointer's time and the range being selected. */
  readonly overlay: RefObject<HTMLDivElement | null>;
  readonly view: ViewStore;
}

/** Below this many pixels, a drag is a click. */
const dragThresholdPx = 4;

/**
 * Wheel with Ctrl or ⌘ zooms at the pointer, sideways or with Shift it pans; dragging selects a range to zoom to,
 * with Shift or the middle button it pans.
 */
export function useTimelineGestures({ scroller, overlay, view }: Surface): void {
  useEffect(() => {
    const layer = overlay.current;
    if (scroller === null || layer === null) return;
    const cursor = layer.querySelector<HTMLElement>('.timeline-cursor');
    const selection = layer.querySelector<HTMLElement>('.timeline-selection');
    if (cursor === null || selection === null) return;

    /** Of the pointer in the timeline: 0 = left edge, 1 = right edge. */
    const shareOf = (event: MouseEvent): number => {
      const box = layer.getBoundingClientRect();
      return (event.clientX - box.left) / box.width;
    };
    const isInside = (event: MouseEvent): boolean => {
      const share = shareOf(event);
      const inDetails = event.target instanceof Element && event.target.closest('[data-details]') !== null;
      return share >= 0 && share <= 1 && !inDetails;
    };
    const microsAt = (share: number): number => {
      const { startMicros, endMicros } = view.range();
      return startMicros + Math.min(Math.max(share, 0), 1) * (endMicros - startMicros);
    };

    const onWheel = (event: WheelEvent) => {
      if (!isInside(event)) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
        view.zoom(Math.exp(Math.min(Math.max(lines, -120), 120) * 0.003), shareOf(event));
      } else {
        const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
        if (sideways === 0 || (!event.shiftKey && Math.abs(event.deltaY) > Math.abs(sideways))) return;
        event.preventDefault();
        view.pan(sideways / layer.clientWidth);
      }
    };

    let drag:
      | { readonly pointer: number; readonly from: number; readonly pans: boolean; x: number; moved: boolean }
      | undefined;
    const onDown = (event: PointerEvent) => {
      if (!isInside(event) || event.button > 1 || event.pointerType === 'touch') return;
      const pans = event.shiftKey || event.button === 1;
      if (pans) event.preventDefault();
      drag = { pointer: event.pointerId, from: shareOf(event), pans, x: event.clientX, moved: false };
    };
    const onMove = (event: PointerEvent) => {
      const share = shareOf(event);
      const isShown = drag === undefined && isInside(event);
      cursor.hidden = !isShown;
      if (isShown) {
        cursor.style.transform = `translateX(${share * layer.clientWidth}px)`;
        cursor.dataset['time'] = formatDuration(microsAt(share) * 1000);
        cursor.dataset['side'] = share > 0.85 ? 'left' : 'right';
      }
      if (drag === undefined || drag.pointer !== event.pointerId) return;
      if (!drag.moved && Math.abs(event.clientX - drag.x) < dragThresholdPx) return;
      if (!drag.moved) scroller.setPointerCapture(drag.pointer);
      drag.moved = true;
      if (drag.pans) {
        view.pan((drag.x - event.clientX) / layer.clientWidth);
        drag.x = event.clientX;
        return;
      }
      const left = Math.max(0, Math.min(drag.from, share));
      const right = Math.min(1, Math.max(drag.from, share));
      selection.hidden = false;
      selection.style.left = `${left * 100}%`;
      selection.style.width = `${(right - left) * 100}%`;
      selection.dataset['time'] = formatDuration((microsAt(right) - microsAt(left)) * 1000);
    };
    const onUp = (event: PointerEvent) => {
      const done = drag;
      drag = undefined;
      cursor.hidden = true;
      selection.hidden = true;
      if (done?.moved !== true) return;
      // What the drag began on must not take it for a click.
      addEventListener('click', swallow, { capture: true, once: true });
      setTimeout(() => removeEventListener('click', swallow, { capture: true }), 0);
      if (done.pans || event.type === 'pointercancel') return;
      const share = shareOf(event);
      view.set({ startMicros: microsAt(Math.min(done.from, share)), endMicros: microsAt(Math.max(done.from, share)) });
    };
    const onLeave = () => {
      cursor.hidden = true;
    };

    scroller.addEventListener('wheel', onWheel, { passive: false });
    scroller.addEventListener('pointerdown', onDown);
    scroller.addEventListener('pointermove', onMove);
    scroller.addEventListener('pointerup', onUp);
    scroller.addEventListener('pointercancel', onUp);
    scroller.addEventListener('pointerleave', onLeave);
    return () => {
      scroller.removeEventListener('wheel', onWheel);
      scroller.removeEventListener('pointerdown', onDown);
      scroller.removeEventListener('pointermove', onMove);
      scroller.removeEventListener('pointerup', onUp);
      scroller.removeEventListener('pointercancel', onUp);
      scroller.removeEventListener('pointerleave', onLeave);
    };
  }, [scroller, overlay, view]);
}

function swallow(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}
