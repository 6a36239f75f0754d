import { useCallback, useEffect, useState } from 'react';
import { rowOfSpanId, spanIdOf, type TraceColumns } from '../model/columns.ts';
import type { PageAddress } from './page-address.ts';
import type { DetailsMode } from './TraceToolbar.tsx';

export interface Selection {
  /** The row that the keys act on. */
  readonly activeRow: number;
  readonly setActiveRow: (row: number) => void;
  /** The row opened last; the side panel shows it. */
  readonly selectedRow: number | undefined;
  /** Rows with details in place. */
  readonly detailed: ReadonlySet<number>;
  /** Opens or closes the details. */
  readonly toggle: (row: number) => void;
  readonly closeAll: () => void;
}

const none: ReadonlySet<number> = new Set();

/** Which spans are opened; the last of them stands in the address as `span`, and a new address opens its span. */
export function useSelection(
  columns: TraceColumns,
  mode: DetailsMode,
  spanInAddress: string | null,
  update: (changes: PageAddress) => void,
  onGoTo: (row: number) => void,
): Selection {
  const [activeRow, setActiveRow] = useState(0);
  const [selectedRow, setSelectedRow] = useState<number | undefined>();
  const [opened, setOpened] = useState<ReadonlySet<number>>(none);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new address opens something
  useEffect(() => {
    const row = rowOfSpanId(columns, spanInAddress ?? '');
    if (row < 0 || row === selectedRow) return;
    setActiveRow(row);
    setSelectedRow(row);
    setOpened((before) => new Set(before).add(row));
    onGoTo(row);
  }, [columns, spanInAddress]);

  const toggle = useCallback(
    (row: number) => {
      const isOpen = mode === 'side' ? selectedRow === row : opened.has(row);
      const next = mode === 'side' ? new Set<number>() : new Set(opened);
      if (isOpen) next.delete(row);
      else next.add(row);
      const selected = isOpen ? undefined : row;
      setOpened(next);
      setActiveRow(row);
      setSelectedRow(selected);
      update({ span: selected === undefined ? undefined : spanIdOf(columns, selected) });
    },
    [columns, mode, opened, selectedRow, update],
  );
  const closeAll = useCallback(() => {
    setOpened(none);
    setSelectedRow(undefined);
    update({ span: undefined });
  }, [update]);

  return {
    activeRow,
    setActiveRow,
    selectedRow,
    detailed: mode === 'inline' ? opened : none,
    toggle,
    closeAll,
  };
}
