import type { SpanBatch } from '@spoor/model';
import { SpanCursor } from '@spoor/otlp';
import { minuteOf, nanosBetween } from '@spoor/storage';

/** Called once a span: its service, the minute since the Unix epoch that it starts in, and what is counted of it. */
export type VisitSpan = (
  service: string,
  minute: number,
  operation: string,
  kindNumber: number,
  isError: boolean,
  nanos: number,
) => void;

/** An index into `STATUS_CODES`. */
const STATUS_ERROR = 2;

/** Every span of a valid OTLP batch. A span that ends before it starts took no time. */
export function visitSpans({ bytes }: Pick<SpanBatch, 'bytes'>, visit: VisitSpan): void {
  const cursor = new SpanCursor(bytes, { reads: 'fields' });
  while (cursor.next()) {
    const { startTimeHigh, startTimeLow, endTimeHigh, endTimeLow } = cursor;
    visit(
      cursor.serviceName(),
      minuteOf(startTimeHigh, startTimeLow),
      cursor.operationName(),
      cursor.kindNumber,
      cursor.statusNumber === STATUS_ERROR,
      nanosBetween(startTimeHigh, startTimeLow, endTimeHigh, endTimeLow),
    );
  }
}
