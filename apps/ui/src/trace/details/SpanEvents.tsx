import type { Span } from '@spoor/model';
import { formatDuration } from '../../format/duration.ts';
import { formatCounted } from '../../format/number.ts';
import { formatDateTime, unixMsOf } from '../../format/time.ts';
import { Highlighted } from '../page/Highlighted.tsx';
import { AttributeTable } from './AttributeTable.tsx';

interface Props {
  readonly span: Span;
  readonly traceStart: bigint;
  readonly words: readonly string[];
}

/** Events in order of time, each with its time after the span's start. */
export function SpanEvents({ span, traceStart, words }: Props) {
  const events = span.events.toSorted((a, b) => Number(a.timeUnixNano - b.timeUnixNano));
  return (
    <>
      {events.map((event, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no id, and never move
        <div key={i} className="span-event">
          <header>
            <time
              title={`${formatDateTime(unixMsOf(event.timeUnixNano))}; ${formatDuration(Number(event.timeUnixNano - traceStart))} after the trace's start`}
            >
              +{formatDuration(Number(event.timeUnixNano - span.startTimeUnixNano))}
            </time>
            <span className="span-event-name">
              <Highlighted text={event.name === '' ? '(no name)' : event.name} words={words} />
            </span>
          </header>
          {(event.attributes.length > 0 || event.droppedAttributesCount > 0) && (
            <AttributeTable
              label={`Attributes of ${event.name}`}
              attributes={event.attributes}
              droppedCount={event.droppedAttributesCount}
              words={words}
            />
          )}
        </div>
      ))}
      {span.droppedEventsCount > 0 && (
        <p className="attributes-none">
          {formatCounted(span.droppedEventsCount, 'more event')} dropped before they were sent (a limit of the SDK).
        </p>
      )}
    </>
  );
}
