import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';
import { SpanDetails } from '../details/SpanDetails.tsx';
import { TraceGrid } from '../grid/TraceGrid.tsx';
import { hasFlag, type TraceColumns } from '../model/columns.ts';
import {
  allCollapsed,
  collapsedOneLevel,
  expandedOneLevel,
  nearestMatch,
  placeOf,
  revealed,
  visibleRows,
  withSubtree,
} from '../model/rows.ts';
import { fullRange, parseRange } from '../model/view-range.ts';
import { Overview } from '../overview/Overview.tsx';
import type { TraceWorkerClient } from '../worker/trace-worker-client.ts';
import { useAddressUpdate, useRangeInAddress } from './page-address.ts';
import { TraceHeader } from './TraceHeader.tsx';
import { type DetailsMode, type FindBoxHandle, TraceToolbar } from './TraceToolbar.tsx';
import './TraceView.css';
import { IncompleteBand } from './IncompleteBand.tsx';
import { useAfterPaint } from './use-after-paint.ts';
import { useFind } from './use-find.ts';
import { useSelection } from './use-selection.ts';
import { useStored } from './use-stored.ts';
import { useTraceKeys } from './use-trace-keys.ts';
import { ViewStore } from './view-store.ts';

const noRows: ReadonlySet<number> = new Set();

/** A trace that has been read. */
export function TraceView({ columns, worker }: { readonly columns: TraceColumns; readonly worker: TraceWorkerClient }) {
  const [parameters] = useSearchParams();
  const update = useAddressUpdate();
  const [view] = useState(() => {
    const range = parseRange(parameters.get('range'), columns.durationMicros);
    return new ViewStore(columns.durationMicros, range ?? fullRange(columns.durationMicros));
  });
  useRangeInAddress(view, update);

  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(noRows);
  const [reveal, setReveal] = useState<{ row: number; focus: boolean } | undefined>();
  const [treeWidth, setTreeWidth] = useStored('spoor.trace.treeWidth', 420, parsePixels);
  const [detailsMode, setDetailsMode] = useStored<DetailsMode>('spoor.trace.details', 'inline', parseMode);
  const [path, setPath] = useStored<'shown' | 'hidden'>('spoor.trace.criticalPath', 'shown', parsePath);
  const onlyMatches = parameters.get('show') === 'matches';

  const goTo = useCallback(
    (row: number, focus = false) => {
      setCollapsed((before) => revealed(columns, before, row));
      setReveal({ row, focus });
      const startMicros = columns.startMicros[row] ?? 0;
      view.show(startMicros, startMicros + (columns.spanDurationMicros[row] ?? 0));
    },
    [columns, view],
  );
  const selection = useSelection(columns, detailsMode, parameters.get('span'), update, goTo);
  const { setActiveRow } = selection;

  const find = useFind(worker, parameters.get('uiFind') ?? '', update);
  const [matchPlace, setMatchPlace] = useState<number | undefined>();
  const found = useDeferredValue(find.rows);
  const matches = useMemo<ReadonlySet<number>>(() => (found.length === 0 ? noRows : new Set(found)), [found]);
  const hasOwnPlace = useRef(parameters.has('span') || parameters.has('range'));
  useEffect(() => {
    const isFirst = hasOwnPlace.current;
    hasOwnPlace.current = false;
    setMatchPlace(find.rows.length === 0 || isFirst ? undefined : 0);
    const row = find.rows[0];
    if (row !== undefined && !isFirst) goTo(row);
  }, [find.rows, goTo]);

  const isFiltered = onlyMatches && find.text.trim() !== '';
  const rows = useMemo(
    () => visibleRows(columns, collapsed, isFiltered ? found : undefined),
    [columns, collapsed, isFiltered, found],
  );

  // Where the active row is hidden, the nearest one above stands in for it.
  const activeRow = rows[Math.max(0, placeOf(rows, selection.activeRow))] ?? 0;
  /** Moves through rows that are shown; the zoom stays. */
  const activate = (row: number) => {
    setActiveRow(row);
    setReveal({ row, focus: true });
  };
  const { toggle, detailed } = selection;
  const toggleDetails = useCallback(
    (row: number) => {
      toggle(row);
      if (!detailed.has(row)) setReveal({ row, focus: false });
    },
    [toggle, detailed],
  );
  const moveBy = (by: number) => {
    const place = Math.min(Math.max(placeOf(rows, activeRow) + by, 0), rows.length - 1);
    const row = rows[place];
    if (row !== undefined) activate(row);
  };
  const setOpen = (row: number, open: boolean, wholeSubtree = false) =>
    setCollapsed((before) => {
      if (wholeSubtree) return withSubtree(columns, before, row, open);
      const next = new Set(before);
      if (open) next.delete(row);
      else next.add(row);
      return next;
    });
  const toggleRow = useCallback(
    (row: number, wholeSubtree: boolean) =>
      setCollapsed((before) => {
        const open = before.has(row);
        if (wholeSubtree) return withSubtree(columns, before, row, open);
        const next = new Set(before);
        if (open) next.delete(row);
        else next.add(row);
        return next;
      }),
    [columns],
  );
  const nextMatch = (by: 1 | -1, focus = true) => {
    const count = find.rows.length;
    if (count === 0) return;
    const next = matchPlace === undefined ? nearestMatch(find.rows, activeRow, by) : (matchPlace + by + count) % count;
    setMatchPlace(next);
    const row = find.rows[next] ?? 0;
    setActiveRow(row);
    goTo(row, focus);
  };
  const nextError = (by: 1 | -1) => {
    for (let i = 1; i <= columns.spanCount; i += 1) {
      const row = (activeRow + by * i + columns.spanCount) % columns.spanCount;
      if (!hasFlag(columns, row, 'error')) continue;
      setActiveRow(row);
      goTo(row, true);
      return;
    }
  };
  const collapseOne = () => setCollapsed((before) => collapsedOneLevel(columns, before));
  const expandOne = () => setCollapsed((before) => expandedOneLevel(columns, before));
  const collapseAll = () => setCollapsed(allCollapsed(columns));
  const expandAll = () => setCollapsed(noRows);
  const findBox = useRef<FindBoxHandle>(null);
  const isExpandable = (columns.childCount[activeRow] ?? 0) > 0;

  useTraceKeys({
    moveBy,
    moveToEdge: (edge) => moveBy(edge === 'first' ? -rows.length : rows.length),
    openDetails: () => toggleDetails(activeRow),
    expandOrEnter: () => {
      if (isExpandable && collapsed.has(activeRow)) setOpen(activeRow, true);
      else if (isExpandable) moveBy(1);
    },
    collapseOrLeave: () => {
      const parent = columns.parent[activeRow] ?? -1;
      if (isExpandable && !collapsed.has(activeRow)) setOpen(activeRow, false);
      else if (parent >= 0) activate(parent);
    },
    nextMatch,
    nextError,
    focusFind: () => findBox.current?.focus(),
    clear: () => {
      if (find.text !== '') find.setText('');
      else if (selection.selectedRow !== undefined || detailed.size > 0) selection.closeAll();
      else return false;
      return true;
    },
    zoom: (factor) => view.zoom(factor),
    pan: (share) => view.pan(share),
    wholeTrace: () => view.reset(),
    collapseOne,
    expandOne,
    collapseAll,
    expandAll,
  });

  const details = useCallback(
    (row: number) => <SpanDetails columns={columns} worker={worker} row={row} words={find.words} />,
    [columns, worker, find.words],
  );
  const gridIsDue = useAfterPaint();
  const panelRow = detailsMode === 'side' ? selection.selectedRow : undefined;
  return (
    <div className="trace">
      <TraceHeader columns={columns} />
      <IncompleteBand columns={columns} />
      <Overview columns={columns} view={view} />
      <TraceToolbar
        ref={findBox}
        text={find.text}
        onText={find.setText}
        matchCount={find.isRunning ? undefined : find.rows.length}
        matchPlace={matchPlace}
        onMove={(by) => nextMatch(by, false)}
        onlyMatches={onlyMatches}
        onOnlyMatches={(only) => update({ show: only ? 'matches' : undefined })}
        onExpandAll={expandAll}
        onCollapseAll={collapseAll}
        onExpandOne={expandOne}
        onCollapseOne={collapseOne}
        showsCriticalPath={path === 'shown'}
        onCriticalPath={(shows) => setPath(shows ? 'shown' : 'hidden')}
        detailsMode={detailsMode}
        onDetailsMode={setDetailsMode}
      />
      <div className={panelRow === undefined ? 'trace-body' : 'trace-body has-panel'}>
        {gridIsDue && (
          <TraceGrid
            columns={columns}
            view={view}
            rows={rows}
            collapsed={collapsed}
            detailed={detailed}
            activeRow={activeRow}
            selectedRow={panelRow}
            matches={matches}
            currentMatch={matchPlace === undefined ? undefined : find.rows[matchPlace]}
            words={find.words}
            treeWidth={treeWidth}
            reveal={reveal}
            showsCriticalPath={path === 'shown'}
            onTreeWidth={setTreeWidth}
            onActivate={toggleDetails}
            onToggle={toggleRow}
            renderDetails={details}
          />
        )}
        {panelRow !== undefined && (
          <aside className="trace-panel" aria-label="Span details">
            <SpanDetails
              columns={columns}
              worker={worker}
              row={panelRow}
              words={find.words}
              onClose={selection.closeAll}
            />
          </aside>
        )}
        {rows.length === 0 && <p className="trace-nothing">No span matches.</p>}
      </div>
    </div>
  );
}

function parsePixels(text: string): number | undefined {
  const pixels = Number(text);
  return pixels >= 160 && pixels <= 2_000 ? pixels : undefined;
}

function parsePath(text: string): 'shown' | 'hidden' | undefined {
  return text === 'shown' || text === 'hidden' ? text : undefined;
}

function parseMode(text: string): DetailsMode | undefined {
  return text === 'inline' || text === 'side' ? text : undefined;
}
