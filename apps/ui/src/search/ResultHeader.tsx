import type { SortOrder } from './search-state.ts';

interface Props {
  readonly sort: SortOrder;
  readonly onSort: (sort: SortOrder) => void;
}

/** Names the columns; those that can be sorted by are buttons. */
export function ResultHeader({ sort, onSort }: Props) {
  const column = (label: string, orders: readonly [SortOrder, ...SortOrder[]]) => {
    const at = orders.indexOf(sort);
    return (
      <button
        type="button"
        className="result-column"
        data-active={at >= 0}
        aria-pressed={at >= 0}
        aria-label={`Sort by ${label.toLowerCase()}`}
        onClick={() => onSort(orders[(at + 1) % orders.length] ?? orders[0])}
      >
        {label}
        {at >= 0 && <span aria-hidden="true">{sort === 'shortest' ? ' ↑' : ' ↓'}</span>}
      </button>
    );
  };
  return (
    <div className="result-grid result-header">
      <span className="result-header-name">Trace</span>
      {column('Spans', ['spans'])}
      {column('Errors', ['errors'])}
      {column('Duration', ['longest', 'shortest'])}
      {column('Age', ['newest'])}
    </div>
  );
}
