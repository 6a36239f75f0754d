import type { SpanCursor } from '@spoor/otlp';

const ALPHABET = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const ID_BYTES = 12;
/** Of the trace id; its end, since ids of 64 bits begin with zeros, and others with the time. */
const TRACE_BYTES = 4;
/** Characters of an id: base64url of 12 bytes, which the servers keep as these 12 bytes. Each byte more costs two on disk. */
export const ID_LENGTH = 16;

const utf8 = new TextEncoder();

/**
 * Ids of documents: the end of the trace id, then 64 bits of a hash over tenant, resource and scope with their schema URLs, and
 * the span, as bytes. The same span gets the same id whoever sends it again; spans of one trace stand together in the dictionary
 * of ids. That two of 10^9 spans of a day share an id has a probability of 10^-9.
 */
export class ContentId {
  private readonly id = new Uint8Array(ID_BYTES);
  private cursor: SpanCursor | undefined;
  private scopeNumber = -1;
  private tenant = '';
  private view: DataView = new DataView(new ArrayBuffer(0));
  private surroundingsA = 0;
  private surroundingsB = 0;
  private a = 0;
  private b = 0;

  /** Writes the `ID_LENGTH` characters at `at`. */
  put(cursor: SpanCursor, tenant: string, out: Uint8Array, at: number): void {
    if (cursor !== this.cursor || cursor.scopeNumber !== this.scopeNumber || tenant !== this.tenant)
      this.surround(cursor, tenant);
    this.a = this.surroundingsA;
    this.b = this.surroundingsB;
    this.add(cursor.spanStart, cursor.spanEnd);
    const { id } = this;
    const traceEnd = cursor.traceIdAt + 16 - TRACE_BYTES;
    for (let i = 0; i < TRACE_BYTES; i += 1) id[i] = cursor.bytes[traceEnd + i]!;
    putWord(id, TRACE_BYTES, mixed(this.a ^ Math.imul(this.b, 0x9e3779b1)));
    putWord(id, TRACE_BYTES + 4, mixed(this.b ^ Math.imul(this.a, 0x85ebca77)));
    let to = at;
    for (let i = 0; i < ID_BYTES; i += 3) {
      const bits = (id[i]! << 16) | (id[i + 1]! << 8) | id[i + 2]!;
      out[to++] = ALPHABET[bits >>> 18]!;
      out[to++] = ALPHABET[(bits >>> 12) & 63]!;
      out[to++] = ALPHABET[(bits >>> 6) & 63]!;
      out[to++] = ALPHABET[bits & 63]!;
    }
  }

  private surround(cursor: SpanCursor, tenant: string): void {
    const { bytes } = cursor;
    const name = utf8.encode(tenant);
    this.a = 0x3c6ef372;
    this.b = 0x1b873593;
    this.view = new DataView(name.buffer, name.byteOffset, name.byteLength);
    this.add(0, name.length);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.add(cursor.resourceStart, cursor.resourceEnd);
    this.add(cursor.resourceSchemaUrlStart, cursor.resourceSchemaUrlEnd);
    this.add(cursor.scopeStart, cursor.scopeEnd);
    this.add(cursor.scopeSchemaUrlStart, cursor.scopeSchemaUrlEnd);
    this.surroundingsA = this.a;
    this.surroundingsB = this.b;
    this.cursor = cursor;
    this.scopeNumber = cursor.scopeNumber;
    this.tenant = tenant;
  }

  /** Two lanes of 32 bits over the same words, with multipliers of their own (the steps of MurmurHash3 and of xxHash). */
  private add(start: number, end: number): void {
    const { view } = this;
    let { a, b } = this;
    let pos = start;
    for (const last = end - 4; pos <= last; pos += 4) {
      const word = view.getInt32(pos, true);
      const mixedWord = Math.imul(word, 0xcc9e2d51);
      a ^= Math.imul((mixedWord << 15) | (mixedWord >>> 17), 0x1b873593);
      a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
      b = (b + Math.imul(word, 0xc2b2ae3d)) | 0;
      b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f);
    }
    let rest = end - start;
    for (; pos < end; pos += 1) rest = Math.imul(rest, 0x101) ^ view.getUint8(pos);
    a ^= Math.imul(rest, 0xcc9e2d51);
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    b = (b + Math.imul(rest, 0xc2b2ae3d)) | 0;
    this.a = a ^ (end - start);
    this.b = Math.imul((b << 17) | (b >>> 15), 0x27d4eb2f) ^ (end - start);
  }
}

function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}
