import type { WireReader } from './wire.ts';

/** Cells a row: what each offset in it means is told by the constants below. */
export const ATTRIBUTE_STRIDE = 5;
/** Where the key's UTF-8 begins and ends. */
export const KEY_START = 0;
export const KEY_END = 1;
/** One of the `…_VALUE` constants. */
export const VALUE_KIND = 2;
/** Where the text of a string begins and ends; for every other kind, the whole `AnyValue` message. */
export const VALUE_START = 3;
export const VALUE_END = 4;

/** Kinds of values: the field numbers of `AnyValue`. */
export const EMPTY_VALUE = 0;
export const STRING_VALUE = 1;
export const BOOL_VALUE = 2;
export const INT_VALUE = 3;
export const DOUBLE_VALUE = 4;
export const ARRAY_VALUE = 5;
export const KVLIST_VALUE = 6;
export const BYTES_VALUE = 7;

/** The attributes of something as offsets into its bytes: `count` rows of `ATTRIBUTE_STRIDE` cells. Reused, never shrunk. */
export class AttributeTable {
  count = 0;
  cells: Int32Array = new Int32Array(16 * ATTRIBUTE_STRIDE);

  /** Adds a row for the `KeyValue` that the reader stands before. */
  add(reader: WireReader): void {
    const at = this.count * ATTRIBUTE_STRIDE;
    if (at === this.cells.length) {
      const grown = new Int32Array(at * 2);
      grown.set(this.cells);
      this.cells = grown;
    }
    const cells = this.cells;
    cells[at + KEY_START] = cells[at + KEY_END] = cells[at + VALUE_KIND] = 0;
    cells[at + VALUE_START] = cells[at + VALUE_END] = 0;
    this.count += 1;
    const outerEnd = reader.enter();
    while (reader.pos < reader.end) {
      const tag = reader.tag();
      if (tag === 10) {
        const length = reader.length();
        cells[at + KEY_START] = reader.pos;
        reader.pos += length;
        cells[at + KEY_END] = reader.pos;
      } else if (tag === 18) readValue(reader, cells, at);
      else reader.skip(tag);
    }
    reader.leave(outerEnd);
  }

  /** The first row whose key is `key` (ASCII), −1 when there is none. */
  find(bytes: Uint8Array, key: string): number {
    const { cells, count } = this;
    for (let row = 0, at = 0; row < count; row += 1, at += ATTRIBUTE_STRIDE) {
      const start = cells[at + KEY_START]!;
      if (cells[at + KEY_END]! - start === key.length && isText(bytes, start, key)) return row;
    }
    return -1;
  }
}

/** Notes kind and range of the `AnyValue` that the reader stands before. The last value counts, as in the decoder. */
function readValue(reader: WireReader, cells: Int32Array, at: number): void {
  const outerEnd = reader.enter();
  let kind = EMPTY_VALUE;
  let start = reader.pos;
  let end = reader.end;
  const messageStart = start;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) {
      const length = reader.length();
      kind = STRING_VALUE;
      start = reader.pos;
      end = start + length;
      reader.pos = end;
      continue;
    }
    if (isValueTag(tag)) {
      kind = tag >>> 3;
      start = messageStart;
      end = reader.end;
    }
    reader.skip(tag);
  }
  reader.leave(outerEnd);
  cells[at + VALUE_KIND] = kind;
  cells[at + VALUE_START] = start;
  cells[at + VALUE_END] = end;
}

/** The tags of bool, int, double, array, kvlist and bytes. */
function isValueTag(tag: number): boolean {
  return tag === 16 || tag === 24 || tag === 33 || tag === 42 || tag === 50 || tag === 58;
}

function isText(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}
