import { memo } from 'react';
import { formatDuration } from '../../format/duration.ts';
import { formatCompact, formatCounted } from '../../format/number.ts';
import { serviceColor } from '../../theme/service-color.ts';
import type { TraceColumns } from '../model/columns.ts';
import { hasFlag } from '../model/columns.ts';
import { Highlighted } from '../page/Highlighted.tsx';
import { RowMarks } from './RowMarks.tsx';
import './SpanRow.css';

interface Props {
  readonly columns: TraceColumns;
  readonly row: number;
  readonly top: number;
  /** 1-based among the rows that are shown; the header counts as one. */
  readonly rowIndex: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly isCollapsed: boolean;
  readonly isMatch: boolean;
  readonly isCurrentMatch: boolean;
  readonly words: readonly string[];
  /** Levels that are indented; deeper ones tell their number instead, so that names stay readable. */
  readonly maxLevels: number;
}

/** One span: a row of the tree grid. Handlers sit on the grid; `data-row` tells them which row it was. */
export const SpanRow = memo(function SpanRow(props: Props) {
  const { columns, row, isCollapsed, words } = props;
  const children = columns.childCount[row] ?? 0;
  const depth = columns.depth[row] ?? 0;
  const levels = Math.min(depth, props.maxLevels);
  const service = columns.services[columns.service[row] ?? 0] ?? '';
  const name = columns.names[columns.name[row] ?? 0] ?? '';
  const parent = columns.parent[row] ?? -1;
  const isSameService = parent >= 0 && columns.service[parent] === columns.service[row];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a tree grid of positioned rows, not a table
    <div
      role="row"
      id={`span-row-${row}`}
      data-row={row}
      className={classOf(props)}
      style={{ transform: `translateY(${props.top}px)` }}
      tabIndex={props.isActive ? 0 : -1}
      aria-label={nameOf(columns, row, service, name)}
      aria-level={depth + 1}
      aria-rowindex={props.rowIndex}
      aria-selected={props.isOpen}
      aria-expanded={children > 0 ? !isCollapsed : undefined}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the row has the focus */}
      <div role="gridcell" className="span-row-tree">
        <span className="span-row-guides" style={{ width: `calc(${levels} * var(--indent))` }} />
        {depth > props.maxLevels && <span className="span-row-depth">{formatCompact(depth + 1)}</span>}
        {children > 0 ? (
          <button
            type="button"
            tabIndex={-1}
            className="span-row-toggle"
            data-toggle=""
            aria-label={`${isCollapsed ? 'Expand' : 'Collapse'} ${formatCounted(children, 'child', 'children')}`}
          >
            {formatCompact(isCollapsed ? (columns.subtreeSize[row] ?? 1) - 1 : children)}
          </button>
        ) : (
          <span className="span-row-leaf" />
        )}
        <span className="span-row-color" style={{ background: serviceColor(service) }} />
        <RowMarks columns={columns} row={row} isCollapsed={isCollapsed} />
        <span className="span-row-label" title={`${service}: ${name}`}>
          <span className={isSameService ? 'span-row-service is-repeated' : 'span-row-service'}>
            <Highlighted text={service} words={words} />
          </span>{' '}
          <span className="span-row-name">
            <Highlighted text={name} words={words} />
          </span>
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the row has the focus */}
      <div role="gridcell" className="span-row-timeline" aria-label={timesOf(columns, row)} />
    </div>
  );
});

function classOf({ isOpen, isMatch, isCurrentMatch, columns, row }: Props): string {
  return [
    'span-row',
    isOpen ? 'is-open' : '',
    isMatch ? 'is-match' : '',
    isCurrentMatch ? 'is-current-match' : '',
    hasFlag(columns, row, 'error') ? 'is-error' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

function nameOf(columns: TraceColumns, row: number, service: string, name: string): string {
  return `${service} ${name}, ${timesOf(columns, row)}${hasFlag(columns, row, 'error') ? ', error' : ''}`;
}

function timesOf(columns: TraceColumns, row: number): string {
  const duration = formatDuration((columns.spanDurationMicros[row] ?? 0) * 1000);
  const start = formatDuration((columns.startMicros[row] ?? 0) * 1000);
  return `${duration}, starts at ${start}`;
}
