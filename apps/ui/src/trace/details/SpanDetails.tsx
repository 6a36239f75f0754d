import type { Span } from '@spoor/model';
import { useEffect, useState } from 'react';
import { formatDuration } from '../../format/duration.ts';
import { formatPercent } from '../../format/number.ts';
import { formatDateTime, unixMsOf } from '../../format/time.ts';
import { serviceColor } from '../../theme/service-color.ts';
import { hasFlag, spanIdOf, type TraceColumns } from '../model/columns.ts';
import { ownAttributesOf, warningsOf } from '../model/warnings.ts';
import type { TraceWorkerClient } from '../worker/trace-worker-client.ts';
import { AttributeTable } from './AttributeTable.tsx';
import { CopyButton } from './CopyButton.tsx';
import { SpanEvents } from './SpanEvents.tsx';
import { SpanLinks } from './SpanLinks.tsx';
import './SpanDetails.css';

interface Props {
  readonly columns: TraceColumns;
  readonly worker: TraceWorkerClient;
  readonly row: number;
  readonly words: readonly string[];
  /** Closes a side panel; absent in place. */
  readonly onClose?: () => void;
}

/** All that is known of one span. */
export function SpanDetails({ columns, worker, row, words, onClose }: Props) {
  const { span, failure } = useSpan(worker, row);
  const name = columns.names[columns.name[row] ?? 0] ?? '';
  const service = columns.services[columns.service[row] ?? 0] ?? '';
  return (
    <section className="span-details" aria-label={`Details of ${service}: ${name}`}>
      <header>
        <span className="span-details-color" style={{ background: serviceColor(service) }} />
        <h2>
          <span className="span-details-service">{service}</span> {name}
        </h2>
        {onClose !== undefined && (
          <button type="button" className="button-quiet" aria-label="Close the details" onClick={onClose}>
            ✕
          </button>
        )}
      </header>
      <SpanFacts columns={columns} row={row} span={span} />
      {failure !== undefined && <p role="alert">The details could not be read: {failure}</p>}
      {span === undefined ? (
        <div className="span-details-space" />
      ) : (
        <SpanSections columns={columns} row={row} span={span} words={words} />
      )}
    </section>
  );
}

function useSpan(worker: TraceWorkerClient, row: number) {
  const [answer, setAnswer] = useState<{ row: number; span?: Span; failure?: string }>({ row: -1 });
  useEffect(() => {
    let isCurrent = true;
    worker.span(row).then(
      (span) => isCurrent && setAnswer(span === undefined ? { row } : { row, span }),
      (error: Error) => isCurrent && setAnswer({ row, failure: error.message }),
    );
    return () => {
      isCurrent = false;
    };
  }, [worker, row]);
  return answer.row === row ? answer : { row };
}

function SpanFacts({ columns, row, span }: { columns: TraceColumns; row: number; span: Span | undefined }) {
  const id = spanIdOf(columns, row);
  const startMicros = columns.startMicros[row] ?? 0;
  const durationMicros = columns.spanDurationMicros[row] ?? 0;
  const selfMicros = columns.selfMicros[row] ?? 0;
  const startMs = unixMsOf(columns.startTimeUnixNano) + startMicros / 1000;
  return (
    <dl className="span-facts">
      <Fact name="Duration">{formatDuration(durationMicros * 1000)}</Fact>
      {(columns.childCount[row] ?? 0) > 0 && (
        <Fact name="Self">
          {formatDuration(selfMicros * 1000)}
          {durationMicros > 0 && ` (${formatPercent(selfMicros / durationMicros)})`}
        </Fact>
      )}
      <Fact name="Start">
        <span title={formatDateTime(startMs)}>+{startMicros === 0 ? '0' : formatDuration(startMicros * 1000)}</span>
      </Fact>
      {span !== undefined && span.kind !== 'unspecified' && <Fact name="Kind">{span.kind}</Fact>}
      {span !== undefined && span.status.code !== 'unset' && (
        <Fact name="Status">
          <span className={span.status.code === 'error' ? 'span-facts-error' : ''}>
            {span.status.code === 'error' ? 'Error' : 'OK'}
            {span.status.message !== '' && `: ${span.status.message}`}
          </span>
        </Fact>
      )}
      {span !== undefined && span.scope.name !== '' && (
        <Fact name="Scope">
          {span.scope.name}
          {span.scope.version !== '' && ` ${span.scope.version}`}
        </Fact>
      )}
      {span !== undefined && span.traceState !== '' && <Fact name="Trace state">{span.traceState}</Fact>}
      <Fact name="Span id">
        <code>{id}</code> <CopyButton label="Copy the span id" text={() => id} />
        <CopyButton label="Copy a link to this span" text={() => linkTo(id)}>
          Link
        </CopyButton>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function linkTo(spanId: string): string {
  const url = new URL(location.href);
  url.searchParams.set('span', spanId);
  return url.href;
}

function SpanSections({
  columns,
  row,
  span,
  words,
}: {
  columns: TraceColumns;
  row: number;
  span: Span;
  words: readonly string[];
}) {
  const attributes = ownAttributesOf(span);
  const warnings = [...warningsOf(span), ...structureWarnings(columns, row, span)];
  return (
    <>
      {warnings.length > 0 && (
        <ul className="span-warnings" aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <Section title="Attributes" count={attributes.length} isOpen>
        <AttributeTable
          label="Attributes"
          attributes={attributes}
          droppedCount={span.droppedAttributesCount}
          words={words}
        />
      </Section>
      {(span.events.length > 0 || span.droppedEventsCount > 0) && (
        <Section title="Events" count={span.events.length} isOpen>
          <SpanEvents span={span} traceStart={columns.startTimeUnixNano} words={words} />
        </Section>
      )}
      {(span.links.length > 0 || span.droppedLinksCount > 0) && (
        <Section title="Links" count={span.links.length} isOpen>
          <SpanLinks span={span} words={words} />
        </Section>
      )}
      <Section title="Resource" count={span.resource.attributes.length}>
        <AttributeTable
          label="Resource"
          attributes={span.resource.attributes}
          droppedCount={span.resource.droppedAttributesCount}
          words={words}
        />
      </Section>
      {span.scope.attributes.length > 0 && (
        <Section title="Scope" count={span.scope.attributes.length}>
          <AttributeTable
            label="Scope"
            attributes={span.scope.attributes}
            droppedCount={span.scope.droppedAttributesCount}
            words={words}
          />
        </Section>
      )}
    </>
  );
}

function Section(props: { title: string; count: number; isOpen?: boolean; children: React.ReactNode }) {
  return (
    <details className="span-section" open={props.isOpen ?? false}>
      <summary>
        {props.title} <span>{props.count}</span>
      </summary>
      {props.children}
    </details>
  );
}

/** What the page itself found wrong with the span's place or times. */
function structureWarnings(columns: TraceColumns, row: number, span: Span): string[] {
  const warnings: string[] = [];
  if (hasFlag(columns, row, 'orphan')) warnings.push(`The parent ${span.parentSpanId} is not in the trace.`);
  if (hasFlag(columns, row, 'cycle')) warnings.push('The parents of this span form a circle; it is shown as a root.');
  if (hasFlag(columns, row, 'duplicateId')) warnings.push('Another span of this trace has the same id.');
  if (hasFlag(columns, row, 'badTime')) {
    warnings.push(
      span.startTimeUnixNano === 0n
        ? 'The span came without a start time.'
        : 'The span ends before it starts; it is drawn without a duration.',
    );
  }
  return warnings;
}
