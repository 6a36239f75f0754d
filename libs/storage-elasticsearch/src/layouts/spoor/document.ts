import { SPAN_KINDS } from '@spoor/model';
import { type SpanCursor, WireReader } from '@spoor/otlp';
import { JsonBuffer } from '../../writer/json-buffer.ts';
import { type LayoutOptions, type SpanEncoder, STREAM_TIME } from '../layout.ts';
import { AttributeWriter } from './attribute-writer.ts';
import { ContentId, ID_LENGTH } from './content-id.ts';
import { attributeMembers, COMMA, OF_PART, putCount, putText } from './members.ts';
import { SpanDetails } from './span-details.ts';
import { indexedName, isPlainName } from './term.ts';

const utf8 = new TextEncoder();
const bytesOf = (text: string) => utf8.encode(text);
const OF_SPAN = attributeMembers('attributes', 'attributeTypes', 'attributesExact');
const OF_RESOURCE = attributeMembers('resource', 'resourceTypes', 'resourceExact');

const AFTER_ID = bytesOf('"}}\n');
const TRACE_ID = bytesOf('"traceId":"');
const SPAN_ID = bytesOf('","spanId":"');
const PARENT = bytesOf('","parentSpanId":"');
const OPERATION = bytesOf('","operation":"');
const START = bytesOf(',"start":');
const STREAM_TIME_MS = bytesOf(`,"${STREAM_TIME}":`);
const DURATION = bytesOf(',"duration":');
const KINDS = SPAN_KINDS.map((kind) => bytesOf(`","kind":"${kind}"`));
const NUMBERS = bytesOf('"numbers":[');
const END = bytesOf('}\n');

/**
 * Writes a span as one flat document, straight from the bytes. What all spans of a resource and scope share is written once and
 * copied. Empty and zero fields are left out.
 */
export class SpoorSpanEncoder implements SpanEncoder {
  private readonly isStream: boolean;
  private readonly id = new ContentId();
  private readonly attributes = new AttributeWriter();
  private readonly details = new SpanDetails(this.attributes);
  private readonly surroundings = new JsonBuffer();
  private readonly sharedNumbers = new JsonBuffer();
  private readonly numbers = new JsonBuffer();
  private reader = new WireReader(new Uint8Array());
  private cursor: SpanCursor | undefined;
  private tenant = '';
  private scopeNumber = -1;

  constructor({ isStream }: LayoutOptions) {
    this.isStream = isStream;
  }

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
    this.details.write(cursor, this.reader, out, this.numbers);
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
    if (this.isStream) {
      out.raw(STREAM_TIME_MS);
      out.integer(Math.floor((startTimeHigh * 0x100000000 + startTimeLow) / 1e6));
    }
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
