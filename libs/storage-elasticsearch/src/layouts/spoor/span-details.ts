import { SpoorError, STATUS_CODES } from '@spoor/model';
import { AttributeTable, type SpanCursor, type WireReader } from '@spoor/otlp';
import { JsonBuffer } from '../../writer/json-buffer.ts';
import type { AttributeWriter } from './attribute-writer.ts';
import { COMMA, OF_PART, putCount, putId, putList, putText } from './members.ts';

const utf8 = new TextEncoder();
const STATUSES = STATUS_CODES.map((code) => utf8.encode(`"status":"${code}",`));

/** Tags of the fields of a `Span` that the cursor does not tell (CONTRACT §2.1). */
const TRACE_STATE = 26;
const DROPPED_ATTRIBUTES = 80;
const EVENT = 90;
const DROPPED_EVENTS = 96;
const LINK = 106;
const DROPPED_LINKS = 112;
const STATUS = 122;
const FLAGS = 133;

/** Writes the fields of a span that the cursor does not tell: status, flags, events, links and what few spans have. */
export class SpanDetails {
  private readonly attributes: AttributeWriter;
  private readonly events = new JsonBuffer();
  private readonly links = new JsonBuffer();
  private readonly linkAttributes = new AttributeTable();
  private eventRow = 0;

  constructor(attributes: AttributeWriter) {
    this.attributes = attributes;
  }

  /**
   * Appends the members, each with a comma behind it, and the numbers of events to `numbers`. `reader` is one over the cursor's
   * bytes. Throws `SPOOR_MALFORMED_SPANS`.
   */
  write(cursor: SpanCursor, reader: WireReader, out: JsonBuffer, numbers: JsonBuffer): void {
    reader.recover(cursor.spanStart, cursor.spanEnd);
    this.events.length = 0;
    this.links.length = 0;
    this.eventRow = 0;
    let traceStateStart = 0;
    let traceStateEnd = 0;
    let flags = 0;
    let droppedAttributes = 0;
    let droppedEvents = 0;
    let droppedLinks = 0;
    let messageStart = 0;
    let messageEnd = 0;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      switch (tag) {
        case TRACE_STATE: {
          const length = reader.length();
          traceStateStart = reader.pos;
          traceStateEnd = reader.pos += length;
          break;
        }
        case DROPPED_ATTRIBUTES:
          droppedAttributes = reader.varint();
          break;
        case EVENT:
          this.event(cursor, reader, numbers);
          break;
        case DROPPED_EVENTS:
          droppedEvents = reader.varint();
          break;
        case LINK:
          this.link(cursor.bytes, reader);
          break;
        case DROPPED_LINKS:
          droppedLinks = reader.varint();
          break;
        case STATUS: {
          const outerEnd = reader.enter();
          while (reader.pos < reader.end) {
            const inner = reader.tag();
            if (inner === 18) {
              const length = reader.length();
              messageStart = reader.pos;
              messageEnd = reader.pos += length;
            } else reader.skip(inner);
          }
          reader.leave(outerEnd);
          break;
        }
        case FLAGS:
          flags = reader.fixed32();
          break;
        default:
          reader.skip(tag);
      }
    }
    if (reader.faultAt >= 0)
      throw new SpoorError('SPOOR_MALFORMED_SPANS', `at byte ${reader.faultAt}, ${reader.fault}`);
    if (cursor.statusNumber !== 0) out.raw(STATUSES[cursor.statusNumber]!);
    putText(out, '"statusMessage":"', cursor.bytes, messageStart, messageEnd);
    putText(out, '"traceState":"', cursor.bytes, traceStateStart, traceStateEnd);
    putCount(out, '"flags":', flags);
    putCount(out, '"droppedAttributes":', droppedAttributes);
    putCount(out, '"droppedEvents":', droppedEvents);
    putCount(out, '"droppedLinks":', droppedLinks);
    putList(out, '"events":[', this.events);
    putList(out, '"links":[', this.links);
  }

  private event({ bytes, eventAttributes }: SpanCursor, reader: WireReader, numbers: JsonBuffer): void {
    const { events } = this;
    const first = this.eventRow;
    let timeLow = 0;
    let timeHigh = 0;
    let nameStart = 0;
    let nameEnd = 0;
    let dropped = 0;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 26) {
        // The cursor has them all, those of each event behind those of the one before.
        this.eventRow += 1;
        reader.skip(tag);
      } else if (tag === 18) {
        const length = reader.length();
        nameStart = reader.pos;
        nameEnd = reader.pos += length;
      } else if (tag === 9) {
        timeLow = reader.fixed64();
        timeHigh = reader.high;
      } else if (tag === 32) dropped = reader.varint();
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
    events.ascii('{"time":');
    events.uint64(timeHigh, timeLow);
    events.byte(COMMA);
    putText(events, '"name":"', bytes, nameStart, nameEnd);
    this.attributes.write(bytes, eventAttributes, first, this.eventRow, OF_PART, events, numbers);
    putCount(events, '"dropped":', dropped);
    events.bytes[events.length - 1] = 0x7d;
    events.byte(COMMA);
  }

  private link(bytes: Uint8Array, reader: WireReader): void {
    const { links, linkAttributes } = this;
    const traceId = [0, 0];
    const spanId = [0, 0];
    const traceState = [0, 0];
    linkAttributes.count = 0;
    let flags = 0;
    let dropped = 0;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 34) linkAttributes.add(reader);
      else if (tag === 10 || tag === 18 || tag === 26) {
        const length = reader.length();
        const range = tag === 10 ? traceId : tag === 18 ? spanId : traceState;
        range[0] = reader.pos;
        range[1] = reader.pos += length;
      } else if (tag === 40) dropped = reader.varint();
      else if (tag === 53) flags = reader.fixed32();
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
    if (reader.faultAt >= 0) return;
    links.byte(0x7b);
    putId(links, '"traceId":"', bytes, traceId);
    putId(links, '"spanId":"', bytes, spanId);
    putText(links, '"traceState":"', bytes, traceState[0]!, traceState[1]!);
    this.attributes.write(bytes, linkAttributes, 0, linkAttributes.count, OF_PART, links, undefined);
    putCount(links, '"flags":', flags);
    putCount(links, '"dropped":', dropped);
    if (links.bytes[links.length - 1] === COMMA) links.length -= 1;
    links.byte(0x7d);
    links.byte(COMMA);
  }
}
