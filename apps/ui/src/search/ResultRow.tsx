import { Link } from 'wouter';
import type { ServiceCount, TraceSummary } from '../api/summaries.ts';
import { ServiceDot } from '../controls/ServiceDot.tsx';
import { formatDuration } from '../format/duration.ts';
import { formatCompact, formatCount, formatCounted } from '../format/number.ts';
import { formatAge, formatDateTime } from '../format/time.ts';

interface Props {
  readonly summary: TraceSummary;
  /** The common scale of the bars. */
  readonly longestNanos: number;
  readonly nowMs: number;
  /** The one row that Tab reaches; the arrows go on from there. */
  readonly isTabStop: boolean;
}

const maxChips = 6;

export function ResultRow({ summary, longestNanos, nowMs, isTabStop }: Props) {
  const hasErrors = summary.errorSpanCount > 0;
  const age = formatAge(summary.startMs, nowMs);
  return (
    <Link
      href={`/trace/${summary.traceId}`}
      className="result-grid result-row"
      tabIndex={isTabStop ? 0 : -1}
      data-trace-id={summary.traceId}
    >
      <span className="result-name">
        <span className="result-title">
          <span className="result-service">{summary.rootServiceName}</span>
          <span className="result-operation">{summary.rootOperationName}</span>
          {summary.orphanSpanCount > 0 && (
            <span
              className="result-incomplete"
              title={`The parent of ${formatCounted(summary.orphanSpanCount, 'span')} is not here (yet).`}
            >
              incomplete
            </span>
          )}
        </span>
        <Chips services={summary.services} />
      </span>
      <span className="result-number">
        {formatCount(summary.spanCount)}
        <span className="visually-hidden"> {summary.spanCount === 1 ? 'span' : 'spans'}</span>
      </span>
      <span className="result-number result-errors">
        {hasErrors && (
          <>
            <span aria-hidden="true">◆ </span>
            {formatCount(summary.errorSpanCount)}
            <span className="visually-hidden"> {summary.errorSpanCount === 1 ? 'error' : 'errors'}</span>
          </>
        )}
      </span>
      <span className="result-duration">
        <span className="result-bar">
          <span
            data-error={hasErrors}
            style={{ width: `${String(Math.max(0.5, (summary.durationNanos / longestNanos) * 100))}%` }}
          />
        </span>
        <span>{formatDuration(summary.durationNanos)}</span>
      </span>
      <span className="result-age" title={formatDateTime(summary.startMs)}>
        {age}
      </span>
    </Link>
  );
}

function Chips({ services }: { readonly services: readonly ServiceCount[] }) {
  const hidden = services.length - maxChips;
  return (
    <span className="result-chips">
      {services.slice(0, maxChips).map((service) => (
        <span key={service.name} className="result-chip">
          <ServiceDot name={service.name} />
          <span className="result-chip-name">{service.name}</span>
          <span>{formatCompact(service.spanCount)}</span>
          {service.errorSpanCount > 0 && (
            <span className="error-text" title={formatCounted(service.errorSpanCount, 'error')}>
              ◆
            </span>
          )}
        </span>
      ))}
      {hidden > 0 && (
        <span
          className="result-chip"
          title={services
            .slice(maxChips)
            .map((service) => service.name)
            .join(', ')}
        >
          +{hidden}
        </span>
      )}
    </span>
  );
}
