import { SPAN_KINDS, SpoorError, STATUS_CODES } from '@spoor/model';
import { AttributeTable, type SpanCursor, WireReader } from '@spoor/otlp';
import { JsonBuffer } from '../../writer/json-buffer.ts';
import type { SpanEncoder } from '../layout.ts';
import { AttributeWriter } from './attribute-writer.ts';
import { ContentId, ID_LENGTH } from './content-id.ts';
import { indexedName, isPlainName } from './term.ts';

const utf8 = new TextEncoder();
const bytesOf = (text: string) => utf8.encode(text);
const namesOf = (terms: string, types: string, exact: string) => ({
  terms: bytesOf(`"${terms}":`),
  types: bytesOf(`"${types}":`),
  exact: bytesOf(`"${exact}":`),
});

const OF_SPAN = namesOf('attributes', 'attributeTypes', 'attributesExact');
const OF_RESOURCE = namesOf('resource', 'resourceTypes', 'resourceExact');
const OF_PART = namesOf('attributes', 'types', 'exact');

const AFTER_ID = bytesOf('"}}\n');
const TRACE_ID = bytesOf('"traceId":"');
const SPAN_ID = bytesOf('","spanId":"');
const PARENT = bytesOf('","parentSpanId":"');
const OPERATION = bytesOf('","operation":"');
const START = bytesOf(',"start":');
const DURATION = bytesOf(',"duration":');
const KINDS = SPAN_KINDS.map((kind) => bytesOf(`","kind":"${kind}"`));
const STATUSES = STATUS_CODES.map((code) => bytesOf(`"status":"${code}",`));
const NUMBERS = bytesOf('"numbers":[');
const END = bytesOf('}\n');

const COMMA = 0x2c;
const QUOTE = 0x22;

/** Tags of the fields of a `Span` that the cursor does not tell (CONTRACT §2.1). */
const TRACE_STATE = 26;
const DROPPED_ATTRIBUTES = 80;
const EVENT = 90;
const DROPPED_EVENTS = 96;
const LINK = 106;
const DROPPED_LINKS = 112;
const STATUS = 122;
const FLAGS = 133;

/**
 * Writes a span as one flat document, straight from the bytes. What all spans of a resource and scope share is written once and
 * copied. Empty and zero fields are left out.
 */
export class SpoorSpanEncoder implements SpanEncoder {
  private readonly id = new ContentId();
  private readonly attributes = new AttributeWriter();
  private readonly surroundings = new JsonBuffer();
  private readonly sharedNumbers = new JsonBuffer();
  private readonly numbers = new JsonBuffer();
  private readonly events = new JsonBuffer();
  private readonly links = new JsonBuffer();
  private readonly linkAttributes = new AttributeTable();
  private reader = new WireReader(new Uint8Array());
  private cursor: SpanCursor | undefined;
  private tenant = '';
  private scopeNumber = -1;
  private eventRow = 0;

  append(cursor: SpanCursor, tenant: string, action: Uint8Array, out: JsonBuffer): void {
    if (cursor !== this.cursor || cursor.scopeNumber !== this.scopeNumber || tenant !== this.tenant)
      this.surround(cursor, tenant);
    const { bytes } = cursor;
    out.raw(action);
    out.reserve(ID_LENGTH);
    this.id.put(cursor, tenant, out.bytes, out.length);
    out.length += ID_LENGTH;
    out.raw(AFTER_ID);
    out.raw(this.surroundings.bytes, 0, this.surroundings.length);
    out.raw(TRACE_ID);
    out.hex(bytes, cursor.traceIdAt, 16);
    out.raw(SPAN_ID);
    out.hex(bytes, cursor.spanIdAt, 8);
    if (cursor.parentSpanIdAt >= 0) {
      out.raw(PARENT);
      out.hex(bytes, cursor.parentSpanIdAt, 8);
    }
    this.name(cursor, out);
    out.raw(KINDS[cursor.kindNumber]!);
    this.times(cursor, out);
    out.byte(COMMA);
    this.numbers.length = 0;
    this.attributes.write(bytes, cursor.spanAttributes, 0, cursor.spanAttributes.count, OF_SPAN, out, this.numbers);
    this.rest(cursor, out);
    this.allNumbers(out);
    // Every member has a comma behind it; the last one's makes way.
    out.length -= 1;
    out.raw(END);
  }

  private name(cursor: SpanCursor, out: JsonBuffer): void {
    const { bytes, nameStart, nameEnd } = cursor;
    out.raw(OPERATION);
    if (nameEnd > nameStart && isPlainName(cursor)) {
      out.escaped(bytes, nameStart, nameEnd);
      return;
    }
    const operation = cursor.operationName();
    out.escapedText(indexedName(operation));
    out.ascii('","name":"');
    out.escaped(bytes, nameStart, nameEnd);
  }

  private times(cursor: SpanCursor, out: JsonBuffer): void {
    const { startTimeHigh, startTimeLow, endTimeHigh, endTimeLow } = cursor;
    out.raw(START);
    out.uint64(startTimeHigh, startTimeLow);
    out.raw(DURATION);
    const upper = endTimeHigh - startTimeHigh;
    // Up to 104 days, doubles count nanoseconds exactly.
    if (upper >= 0 && upper < 0x200000) {
      const duration = upper * 0x100000000 + (endTimeLow - startTimeLow);
      if (duration >= 0) {
        out.integer(duration);
        return;
      }
    }
    const duration = cursor.endTimeUnixNano() - cursor.startTimeUnixNano();
    const indexed =
      BigInt.asIntN(64, duration) === duration ? duration : duration < 0n ? -(1n << 63n) : (1n << 63n) - 1n;
    out.ascii(String(indexed));
    if (indexed !== duration) out.ascii(`,"end":${cursor.endTimeUnixNano()}`);
  }

  /** The fields that few spans have, which the cursor does not tell. */
  private rest(cursor: SpanCursor, out: JsonBuffer): void {
    const { reader } = this;
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
          this.event(cursor);
          break;
        case DROPPED_EVENTS:
          droppedEvents = reader.varint();
          break;
        case LINK:
          this.link(cursor.bytes);
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

  private event({ bytes, eventAttributes }: SpanCursor): void {
    const { reader, events } = this;
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
    this.attributes.write(bytes, eventAttributes, first, this.eventRow, OF_PART, events, this.numbers);
    putCount(events, '"dropped":', dropped);
    events.bytes[events.length - 1] = 0x7d;
    events.byte(COMMA);
  }

  private link(bytes: Uint8Array): void {
    const { reader, links, linkAttributes } = this;
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

  private allNumbers(out: JsonBuffer): void {
    const { numbers, sharedNumbers } = this;
    if (numbers.length + sharedNumbers.length === 0) return;
    out.raw(NUMBERS);
    // Each has a comma before it; the first one's is left out.
    if (numbers.length > 0) {
      out.raw(numbers.bytes, 1, numbers.length);
      out.raw(sharedNumbers.bytes, 0, sharedNumbers.length);
    } else out.raw(sharedNumbers.bytes, 1, sharedNumbers.length);
    out.byte(0x5d);
    out.byte(COMMA);
  }

  private surround(cursor: SpanCursor, tenant: string): void {
    const { bytes } = cursor;
    if (cursor !== this.cursor) this.reader = new WireReader(bytes);
    this.cursor = cursor;
    this.scopeNumber = cursor.scopeNumber;
    this.tenant = tenant;
    const out = this.surroundings;
    out.length = 0;
    this.sharedNumbers.length = 0;
    out.ascii('{"tenant":');
    out.string(indexedName(tenant));
    out.ascii(',"service":');
    out.string(indexedName(cursor.serviceName()));
    out.byte(COMMA);
    const { resourceAttributes, scopeAttributes } = cursor;
    this.attributes.write(bytes, resourceAttributes, 0, resourceAttributes.count, OF_RESOURCE, out, this.sharedNumbers);
    putCount(out, '"resourceDropped":', this.droppedOf(cursor.resourceStart, cursor.resourceEnd, 16));
    putText(out, '"resourceSchemaUrl":"', bytes, cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd);
    const scopeAt = out.length;
    out.ascii('"scope":{');
    const emptyLength = out.length;
    this.scopeTexts(cursor, out);
    this.attributes.write(bytes, scopeAttributes, 0, scopeAttributes.count, OF_PART, out, this.sharedNumbers);
    putCount(out, '"dropped":', this.droppedOf(cursor.scopeStart, cursor.scopeEnd, 32));
    putText(out, '"schemaUrl":"', bytes, cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd);
    if (out.length === emptyLength) {
      out.length = scopeAt;
      return;
    }
    out.bytes[out.length - 1] = 0x7d;
    out.byte(COMMA);
  }

  private scopeTexts({ bytes, scopeStart, scopeEnd }: SpanCursor, out: JsonBuffer): void {
    const { reader } = this;
    reader.recover(scopeStart, scopeEnd);
    const name = [0, 0];
    const version = [0, 0];
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10 || tag === 18) {
        const length = reader.length();
        const range = tag === 10 ? name : version;
        range[0] = reader.pos;
        range[1] = reader.pos += length;
      } else reader.skip(tag);
    }
    putText(out, '"name":"', bytes, name[0]!, name[1]!);
    putText(out, '"version":"', bytes, version[0]!, version[1]!);
  }

  private droppedOf(start: number, end: number, droppedTag: number): number {
    const { reader } = this;
    reader.recover(start, end);
    let dropped = 0;
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === droppedTag) dropped = reader.varint();
      else reader.skip(tag);
    }
    return dropped;
  }
}

/** `begin` is the name, the colon and the opening quote. Nothing when the text is empty. */
function putText(out: JsonBuffer, begin: string, bytes: Uint8Array, start: number, end: number): void {
  if (end === start) return;
  out.ascii(begin);
  out.escaped(bytes, start, end);
  out.byte(QUOTE);
  out.byte(COMMA);
}

function putId(out: JsonBuffer, begin: string, bytes: Uint8Array, range: readonly number[]): void {
  const [start = 0, end = 0] = range;
  if (end === start) return;
  out.ascii(begin);
  out.hex(bytes, start, end - start);
  out.byte(QUOTE);
  out.byte(COMMA);
}

function putCount(out: JsonBuffer, begin: string, value: number): void {
  if (value === 0) return;
  out.ascii(begin);
  out.integer(value);
  out.byte(COMMA);
}

/** Entries have a comma behind each. */
function putList(out: JsonBuffer, begin: string, entries: JsonBuffer): void {
  if (entries.length === 0) return;
  out.ascii(begin);
  out.raw(entries.bytes, 0, entries.length - 1);
  out.byte(0x5d);
  out.byte(COMMA);
}
