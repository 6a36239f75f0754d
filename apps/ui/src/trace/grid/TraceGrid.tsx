import { type CSSProperties, type ReactNode, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { TraceColumns } from '../model/columns.ts';
import { ROW_HEIGHT, RowLayout } from '../model/row-layout.ts';
import { placeOf } from '../model/rows.ts';
import type { ViewStore } from '../page/view-store.ts';
import { TimeAxis } from '../timeline/TimeAxis.tsx';
import { TimelineCanvas } from '../timeline/TimelineCanvas.tsx';
import { useTimelineGestures } from '../timeline/use-timeline-gestures.ts';
import { ColumnResizer } from './ColumnResizer.tsx';
import { DetailsRow } from './DetailsRow.tsx';
import { SpanRow } from './SpanRow.tsx';
import './TraceGrid.css';
import { useElementWidth } from './use-element-width.ts';
import { useRowWindow } from './use-row-window.ts';

export interface TraceGridProps {
  readonly columns: TraceColumns;
  readonly view: ViewStore;
  readonly rows: Int32Array;
  readonly collapsed: ReadonlySet<number>;
  /** Rows whose details are open in place. */
  readonly detailed: ReadonlySet<number>;
  /** The row that the keys act on. */
  readonly activeRow: number;
  readonly selectedRow: number | undefined;
  readonly matches: ReadonlySet<number>;
  readonly currentMatch: number | undefined;
  readonly words: readonly string[];
  readonly treeWidth: number;
  readonly showsCriticalPath: boolean;
  /** Scrolls the row into view whenever the object changes. */
  readonly reveal: { readonly row: number; readonly focus: boolean } | undefined;
  readonly onTreeWidth: (px: number) => void;
  readonly onActivate: (row: number) => void;
  readonly onToggle: (row: number, wholeSubtree: boolean) => void;
  readonly renderDetails: (row: number) => ReactNode;
}

/** The spans: names on the left, time on the right. Only the rows near the window are in the document. */
export function TraceGrid(props: TraceGridProps) {
  const { columns, view, rows, collapsed, detailed, reveal } = props;
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const overlay = useRef<HTMLDivElement>(null);
  const [heights, setHeights] = useState<ReadonlyMap<number, number>>(new Map());
  const width = useElementWidth(scroller);
  // On a narrow screen the timeline keeps half of it.
  const treeWidth = width === 0 ? props.treeWidth : Math.min(props.treeWidth, Math.max(160, Math.floor(width / 2)));
  const timelineWidth = Math.max(0, width - treeWidth);

  const layout = useMemo(() => {
    const details = new Map<number, number>();
    for (const row of detailed) {
      const place = placeOf(rows, row);
      if (rows[place] === row) details.set(place, heights.get(row) ?? estimatedDetailsPx);
    }
    return new RowLayout(rows.length, details);
  }, [rows, detailed, heights]);
  const [from, to] = useRowWindow(scroller, layout);
  useTimelineGestures({ scroller, overlay, view });
  useReveal(scroller, rows, layout, reveal, detailed);

  const onHeight = useCallback((row: number, height: number) => {
    setHeights((before) => (before.get(row) === height ? before : new Map(before).set(row, height)));
  }, []);
  const onClick = (event: React.MouseEvent) => {
    const target = event.target as Element;
    const row = Number(target.closest<HTMLElement>('[data-row]')?.dataset['row'] ?? Number.NaN);
    if (!Number.isInteger(row)) return;
    if (target.closest('[data-toggle]') !== null) props.onToggle(row, event.altKey);
    else props.onActivate(row);
  };

  const maxLevels = Math.max(2, Math.floor((treeWidth - roomForNamePx) / indentPx));
  const shown: ReactNode[] = [];
  for (let place = from; place < to; place += 1) {
    const row = rows[place] ?? 0;
    shown.push(
      <SpanRow
        key={row}
        columns={columns}
        row={row}
        top={layout.topOf(place)}
        rowIndex={place + 2}
        isActive={props.activeRow === row}
        isOpen={props.selectedRow === row || detailed.has(row)}
        isCollapsed={collapsed.has(row)}
        isMatch={props.matches.has(row)}
        isCurrentMatch={props.currentMatch === row}
        words={props.words}
        maxLevels={maxLevels}
      />,
    );
    if (!detailed.has(row)) continue;
    shown.push(
      <DetailsRow key={`details-${row}`} row={row} top={layout.topOf(place) + ROW_HEIGHT} onHeight={onHeight}>
        {props.renderDetails(row)}
      </DetailsRow>,
    );
  }

  return (
    <div className="trace-grid" style={{ '--tree-width': `${treeWidth}px` } as CSSProperties}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the page's shortcuts */}
      <div
        ref={setScroller}
        className="trace-grid-scroller"
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.length + 1}
        aria-colcount={2}
        tabIndex={-1}
        onClick={onClick}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: the rows have the focus */}
        <div role="row" aria-rowindex={1} className="trace-grid-head">
          {/* biome-ignore lint/a11y/useSemanticElements: see above */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: nothing to do there */}
          <div role="columnheader" className="trace-grid-head-tree">
            Service and operation
          </div>
          {/* biome-ignore lint/a11y/useSemanticElements: see above */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: nothing to do there */}
          <div role="columnheader" className="trace-grid-head-time" aria-label="Timeline">
            <TimeAxis view={view} width={timelineWidth} />
          </div>
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        <div role="rowgroup" className="trace-grid-rows" style={{ height: layout.height }}>
          {shown}
          {scroller !== null && (
            <TimelineCanvas
              columns={columns}
              rows={rows}
              layout={layout}
              collapsed={collapsed}
              showsCriticalPath={props.showsCriticalPath}
              view={view}
              scroller={scroller}
              left={treeWidth}
              width={timelineWidth}
            />
          )}
        </div>
      </div>
      <ColumnResizer width={treeWidth} available={width} onWidth={props.onTreeWidth} />
      <div ref={overlay} className="timeline-overlay" style={{ left: treeWidth, width: timelineWidth }}>
        <div className="timeline-cursor" hidden />
        <div className="timeline-selection" hidden />
      </div>
    </div>
  );
}

/** As `--indent` in the style sheet. */
const indentPx = 14;
const roomForNamePx = 230;

/** Until the details have been measured. */
const estimatedDetailsPx = 280;

/** Brings the row into the window, with the beginning of its details where they are open, and the focus to it where that is asked for. */
function useReveal(
  scroller: HTMLElement | null,
  rows: Int32Array,
  layout: RowLayout,
  reveal: TraceGridProps['reveal'],
  detailed: ReadonlySet<number>,
): void {
  const done = useRef<TraceGridProps['reveal']>(undefined);
  const awaited = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (scroller === null || reveal === undefined || done.current === reveal || layout.rowCount === 0) return;
    done.current = reveal;
    const top = layout.topOf(Math.max(0, placeOf(rows, reveal.row)));
    const height = scroller.clientHeight - headHeightPx;
    const needed = Math.min(height, ROW_HEIGHT + (detailed.has(reveal.row) ? estimatedDetailsPx : 0));
    if (top < scroller.scrollTop || top + needed > scroller.scrollTop + height) {
      const isNear = Math.abs(top - scroller.scrollTop - height / 2) < height;
      const edge = top < scroller.scrollTop ? top : top + needed - height;
      scroller.scrollTop = isNear ? edge : top - height / 3;
    }
    if (reveal.focus) awaited.current = reveal.row;
  });
  // The row may come into the document only some renders after the scroll.
  useLayoutEffect(() => {
    const element = awaited.current === undefined ? null : document.getElementById(`span-row-${awaited.current}`);
    if (element === null) return;
    awaited.current = undefined;
    element.focus({ preventScroll: true });
  });
}

const headHeightPx = 28;
