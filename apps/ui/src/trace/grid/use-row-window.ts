import { useLayoutEffect, useState } from 'react';
import { ROW_HEIGHT, type RowLayout } from '../model/row-layout.ts';

/** Rows kept in the document above and below the window. */
const overscanRows = 12;
/** The window moves in steps of so many rows, so that most scroll events render nothing. */
const stepRows = 8;

/** The places of the rows that are in the document: from and to (exclusive). */
export function useRowWindow(scroller: HTMLElement | null, layout: RowLayout): readonly [number, number] {
  const [extent, setExtent] = useState({ top: 0, height: 0 });
  useLayoutEffect(() => {
    if (scroller === null) return;
    const measure = () => {
      const step = stepRows * ROW_HEIGHT;
      const top = Math.floor(scroller.scrollTop / step) * step;
      const height = scroller.clientHeight + step;
      setExtent((before) => (before.top === top && before.height === height ? before : { top, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(scroller);
    scroller.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener('scroll', measure);
    };
  }, [scroller]);
  const from = Math.max(0, layout.placeAt(extent.top) - overscanRows);
  const to = Math.min(layout.rowCount, layout.placeAt(extent.top + extent.height) + 1 + overscanRows);
  return [from, to];
}
