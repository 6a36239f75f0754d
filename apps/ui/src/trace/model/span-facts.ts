import type { SpanCursor } from '@spoor/otlp';
import { StringTable } from './string-table.ts';
import { WARNINGS_KEY } from './warnings.ts';

const ERROR_STATUS = 2;

/** What the columns of a trace are made of: one entry a span in each array, in the order in which the spans came. */
export class SpanFacts {
  /** Of the first span. */
  traceId = '';
  /** Index into `ids`. */
  readonly spanId: number[] = [];
  /** Halves of the span's own id, unsigned. */
  readonly spanIdHigh: number[] = [];
  readonly spanIdLow: number[] = [];
  /** Index into `ids`, -1 for a root. */
  readonly parentSpanId: number[] = [];
  /** Halves of the nanoseconds since the Unix epoch, unsigned. */
  readonly startHigh: number[] = [];
  readonly startLow: number[] = [];
  readonly endHigh: number[] = [];
  readonly endLow: number[] = [];
  /** Index into `services`. */
  readonly service: number[] = [];
  /** Index into `names`. */
  readonly name: number[] = [];
  /** Index into the model's `SPAN_KINDS`. */
  readonly kind: number[] = [];
  readonly isError: boolean[] = [];
  readonly hasWarnings: boolean[] = [];
  readonly hasLinks: boolean[] = [];
  /** Events of span i are those from `eventEnd[i - 1]` to `eventEnd[i]` (exclusive). */
  readonly eventEnd: number[] = [];
  readonly eventHigh: number[] = [];
  readonly eventLow: number[] = [];

  readonly ids = new StringTable();
  readonly services = new StringTable();
  readonly names = new StringTable();

  get count(): number {
    return this.spanId.length;
  }

  /** Adds the span that the cursor stands at. */
  add(cursor: SpanCursor): void {
    if (this.count === 0) this.traceId = cursor.traceId();
    this.spanId.push(this.ids.indexOf(cursor.spanId()));
    this.spanIdHigh.push(uint32At(cursor.bytes, cursor.spanIdAt));
    this.spanIdLow.push(uint32At(cursor.bytes, cursor.spanIdAt + 4));
    this.parentSpanId.push(cursor.parentSpanIdAt < 0 ? -1 : this.ids.indexOf(cursor.parentSpanId()));
    this.startHigh.push(cursor.startTimeHigh);
    this.startLow.push(cursor.startTimeLow);
    this.endHigh.push(cursor.endTimeHigh);
    this.endLow.push(cursor.endTimeLow);
    this.service.push(this.services.indexOf(cursor.serviceName()));
    this.name.push(this.names.indexOf(cursor.operationName()));
    this.kind.push(cursor.kindNumber);
    this.isError.push(cursor.statusNumber === ERROR_STATUS);
    this.hasWarnings.push(cursor.spanAttributes.find(cursor.bytes, WARNINGS_KEY) >= 0);
    this.hasLinks.push(cursor.linkCount > 0);
    for (let i = 0; i < cursor.eventCount; i += 1) {
      this.eventLow.push(cursor.eventTimes[2 * i] ?? 0);
      this.eventHigh.push(cursor.eventTimes[2 * i + 1] ?? 0);
    }
    this.eventEnd.push(this.eventHigh.length);
  }
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}
