import { JsonBuffer } from './json-buffer.ts';
import type { Ticket } from './ticket.ts';

/** What one item of a bulk request is: for whom it is sent, and the service entry that it is, if it is none of a span. */
export interface BulkItem {
  readonly ticket: Ticket;
  readonly service: string | undefined;
  /** Where its lines begin and end. */
  start: number;
  end: number;
}

/** The body of a bulk request: lines of several calls. Once sent, it only shrinks. */
export class BulkBody {
  readonly buffer: JsonBuffer;
  items: BulkItem[] = [];

  constructor(initialBytes: number) {
    this.buffer = new JsonBuffer(initialBytes);
  }

  get length(): number {
    return this.buffer.length;
  }

  /** What was appended to the buffer since the last call is an item. Returns its size. */
  close(ticket: Ticket, service?: string): number {
    const start = this.items.at(-1)?.end ?? 0;
    const end = this.buffer.length;
    ticket.expect();
    this.items.push({ ticket, service, start, end });
    return end - start;
  }

  /** Forgets all other items and closes the gaps. `kept` must be in order. */
  keep(kept: BulkItem[]): void {
    const { buffer } = this;
    let at = 0;
    for (const item of kept) {
      buffer.bytes.copyWithin(at, item.start, item.end);
      const size = item.end - item.start;
      item.start = at;
      item.end = at += size;
    }
    buffer.length = at;
    this.items = kept;
  }

  /** A body with the second half of the items; this one keeps the first. */
  split(): BulkBody {
    const half = this.items.length >>> 1;
    const rest = this.items.slice(half);
    const from = rest[0]!.start;
    const other = new BulkBody(this.length - from);
    other.buffer.raw(this.buffer.bytes, from, this.length);
    other.items = rest.map((item) => ({ ...item, start: item.start - from, end: item.end - from }));
    this.keep(this.items.slice(0, half));
    return other;
  }
}
