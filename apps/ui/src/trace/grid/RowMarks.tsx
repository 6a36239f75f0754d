import type { TraceColumns } from '../model/columns.ts';
import { hasFlag } from '../model/columns.ts';

/** What is to be known of a span before it is opened, each with a shape of its own, not a colour alone. */
export function RowMarks({
  columns,
  row,
  isCollapsed,
}: {
  readonly columns: TraceColumns;
  readonly row: number;
  readonly isCollapsed: boolean;
}) {
  const isError = hasFlag(columns, row, 'error');
  const hidesError = isCollapsed && hasFlag(columns, row, 'errorBelow');
  return (
    <>
      {isError ? <ErrorMark label="Error" /> : hidesError && <ErrorMark label="Error below" isHollow />}
      {hasFlag(columns, row, 'orphan') && <TextMark sign="⤒" label="Parent span is missing" />}
      {hasFlag(columns, row, 'cycle') && <TextMark sign="↻" label="The parents of this span form a circle" />}
      {hasFlag(columns, row, 'duplicateId') && <TextMark sign="=" label="Another span has the same id" />}
      {(hasFlag(columns, row, 'warnings') || hasFlag(columns, row, 'badTime')) && (
        <TextMark sign="△" label="Has warnings" />
      )}
      {hasFlag(columns, row, 'links') && <TextMark sign="⇢" label="Has links" isQuiet />}
    </>
  );
}

/** An octagon with an exclamation mark; hollow when the error lies below. */
export function ErrorMark({ label, isHollow = false }: { readonly label: string; readonly isHollow?: boolean }) {
  return (
    <svg className="row-mark-error" width="13" height="13" viewBox="0 0 14 14" role="img" aria-label={label}>
      <title>{label}</title>
      <path
        d="M4.4.8h5.2l3.6 3.6v5.2l-3.6 3.6H4.4L.8 9.6V4.4z"
        fill={isHollow ? 'none' : 'var(--error)'}
        stroke="var(--error)"
        strokeWidth="1.3"
      />
      <path
        d="M7 3.5v4.2M7 9.3v1.3"
        stroke={isHollow ? 'var(--error)' : 'var(--background)'}
        strokeWidth="1.6"
        strokeLinecap="butt"
      />
    </svg>
  );
}

function TextMark({
  sign,
  label,
  isQuiet = false,
}: {
  readonly sign: string;
  readonly label: string;
  readonly isQuiet?: boolean;
}) {
  return (
    <span className={isQuiet ? 'row-mark is-quiet' : 'row-mark'} role="img" aria-label={label} title={label}>
      {sign}
    </span>
  );
}
