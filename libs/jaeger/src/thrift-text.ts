import { isUtf8, TextReader } from '@spoor/otlp';
import type { ThriftReader } from '@spoor/thrift';
import type { Tag, TagValue } from './message.ts';

/** Keys and short values that come again and again share one string. */
const texts = new TextReader();

/** The name of a span whose name is not UTF-8; its bytes are in the attribute of the same name (CONTRACT §9.2, sanitiser 3). */
const INVALID_SPAN_NAME = 'invalid-span-name';
const INVALID_TAG_KEY = 'invalid-tag-key';

/** The text of the string field that the reader stands before; what is not UTF-8 becomes U+FFFD. */
export function readThriftText(reader: ThriftReader): string {
  const start = reader.string();
  return texts.read(reader.bytes, start, reader.pos);
}

/** The text, or the bytes of what is not UTF-8: clients of old put anything into strings. */
export function readThriftTextOrBytes(reader: ThriftReader): string | Uint8Array {
  const start = reader.string();
  if (isUtf8(reader.bytes, start, reader.pos)) return texts.read(reader.bytes, start, reader.pos);
  return reader.bytes.slice(start, reader.pos);
}

export function readThriftBytes(reader: ThriftReader): Uint8Array {
  const start = reader.string();
  return reader.bytes.slice(start, reader.pos);
}

/** Tags as they are read from Thrift, whose strings may hold anything. */
export class TagList {
  readonly tags: Tag[] = [];
  private invalidKeys = 0;

  /** A key that is not UTF-8 gets a name of its own, and its bytes go before the value (CONTRACT §9.2, sanitiser 3). */
  add(key: string | Uint8Array, value: TagValue): void {
    if (typeof key === 'string') {
      this.tags.push({ key, value });
      return;
    }
    this.invalidKeys += 1;
    const text = value instanceof Uint8Array ? value : Buffer.from(String(value));
    const separated = Buffer.concat([key, Buffer.from(':'), text]);
    this.tags.push({ key: `${INVALID_TAG_KEY}-${this.invalidKeys}`, value: new Uint8Array(separated) });
  }
}

/** The name, or what stands for one that is not UTF-8, its bytes added to the tags. */
export function soundSpanName(name: string | Uint8Array, tags: Tag[]): string {
  if (typeof name === 'string') return name;
  tags.push({ key: INVALID_SPAN_NAME, value: name });
  return INVALID_SPAN_NAME;
}
