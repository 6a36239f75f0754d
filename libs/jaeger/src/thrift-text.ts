import { isUtf8, TextReader } from '@spoor/otlp';
import type { ThriftReader } from '@spoor/thrift';

/** Keys and short values that come again and again share one string. */
const texts = new TextReader();

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
