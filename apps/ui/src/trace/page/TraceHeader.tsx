import type { ReactNode } from 'react';
import { formatDuration } from '../../format/duration.ts';
import { formatCount } from '../../format/number.ts';
import { formatAge, formatDateTime, unixMsOf } from '../../format/time.ts';
import { serviceColor } from '../../theme/service-color.ts';
import { CopyButton } from '../details/CopyButton.tsx';
import { ErrorMark } from '../grid/RowMarks.tsx';
import type { TraceColumns } from '../model/columns.ts';
import './TraceHeader.css';

/** What trace this is, and its figures. */
export function TraceHeader({ columns }: { readonly columns: TraceColumns }) {
  const root = columns.rootRow;
  const service = columns.services[columns.service[root] ?? 0] ?? '';
  const name = columns.names[columns.name[root] ?? 0] ?? '';
  const startMs = unixMsOf(columns.startTimeUnixNano);
  return (
    <header className="trace-header">
      <h1>
        <span className="trace-header-color" style={{ background: serviceColor(service) }} />
        <span className="trace-header-service">{service}</span> <span className="trace-header-name">{name}</span>
        <span className="trace-header-id">
          <code title={columns.traceId}>{columns.traceId.slice(0, 7)}</code>
          <CopyButton label="Copy the trace id" text={() => columns.traceId} />
        </span>
      </h1>
      <dl>
        <Figure name="Start">
          <time dateTime={new Date(startMs).toISOString()} title={formatAge(startMs, Date.now())}>
            {formatDateTime(startMs)}
          </time>
        </Figure>
        <Figure name="Duration">
          <strong>{formatDuration(columns.durationMicros * 1000)}</strong>
        </Figure>
        <Figure name="Services">
          <span title={columns.services.join('\n')}>{formatCount(columns.services.length)}</span>
        </Figure>
        <Figure name="Depth">{formatCount(columns.depthCount)}</Figure>
        <Figure name="Spans">{formatCount(columns.spanCount)}</Figure>
        <Figure name="Errors">
          {columns.errorCount > 0 ? (
            <span className="trace-header-errors">
              <ErrorMark label="Errors" /> {formatCount(columns.errorCount)}
            </span>
          ) : (
            '0'
          )}
        </Figure>
      </dl>
    </header>
  );
}

function Figure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
