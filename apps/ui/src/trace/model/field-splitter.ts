import { joined } from '@spoor/otlp';

/** Tag of `resource_spans`, the only field of `TracesData`. */
const RESOURCE_SPANS_TAG = 10;

/**
 * Cuts a `TracesData` message that arrives in pieces into pieces that are `TracesData` messages themselves: one or more
 * whole `ResourceSpans`. What does not look like one is kept together until the end, for a reader that can tell what it is.
 */
export class FieldSplitter {
  /** What belongs to a field that has not come whole, and how long that field is with its tag; 0 is not known yet. */
  #parts: Uint8Array[] = [];
  #length = 0;
  #wanted = 0;

  /** Takes the next bytes, which are then no longer the caller's. Returns what is complete. */
  push(chunk: Uint8Array): Uint8Array[] {
    const complete: Uint8Array[] = [];
    let rest = chunk;
    if (this.#length > 0) {
      if (this.#wanted === 0) {
        rest = joined([...this.#parts, rest]);
        this.#clear();
      } else {
        const missing = this.#wanted - this.#length;
        this.#keep(rest.subarray(0, missing));
        if (this.#length < this.#wanted) return complete;
        complete.push(joined(this.#parts));
        this.#clear();
        rest = rest.subarray(missing);
      }
    }
    let end = 0;
    let size = fieldSize(rest, 0);
    while (size > 0 && end + size <= rest.length) {
      end += size;
      size = fieldSize(rest, end);
    }
    if (end > 0) complete.push(rest.subarray(0, end));
    if (end < rest.length) {
      this.#keep(rest.subarray(end));
      this.#wanted = size;
    }
    return complete;
  }

  /** What came after the last complete field; empty for a message that is whole. */
  end(): Uint8Array {
    return joined(this.#parts);
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  #clear(): void {
    this.#parts = [];
    this.#length = this.#wanted = 0;
  }
}

/** Length of the field at `at` with its tag: 0 when that cannot be told yet, infinite when it is no `ResourceSpans`. */
function fieldSize(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return 0;
  if (bytes[at] !== RESOURCE_SPANS_TAG) return Number.POSITIVE_INFINITY;
  let length = 0;
  for (let i = 1; i <= 5; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return 0;
    length += (byte & 0x7f) * 2 ** (7 * (i - 1));
    if (byte < 0x80) return 1 + i + length;
  }
  return Number.POSITIVE_INFINITY;
}
