import { SpoorError } from '@spoor/model';
import { MAX_DEPTH, type MessageHeader, type ThriftType, TYPES } from './types.ts';

const latin1 = new TextDecoder('latin1');
/** Longer names of methods are cut where they are told. */
const MAX_TOLD_NAME = 64;

/**
 * Reads Thrift from bytes, whatever the protocol. A length is compared with the bytes that remain before anything relies on
 * it, the number of elements with what the remaining bytes can hold, and the depth is bounded. What is wrong throws
 * `SPOOR_MALFORMED_SPANS` with its place.
 *
 * A struct is read as
 * ```ts
 * reader.enter();
 * for (let field = reader.field(); field !== 0; field = reader.field()) {
 *   if (field === 0x1b) … // field 1, a string: the last hexadecimal digit is the type
 *   else reader.skip(field);
 * }
 * reader.leave();
 * ```
 * A known field of another type is an unknown field, as Thrift has it.
 */
export abstract class ThriftReader {
  readonly bytes: Uint8Array;
  pos = 0;
  protected readonly view: DataView;
  private readonly format: string;
  private depth = 0;

  /** `format` names in errors what the bytes should be. */
  constructor(bytes: Uint8Array, format: string) {
    // A Buffer's `slice` does not copy.
    this.bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.format = format;
  }

  /** The header of a call. */
  abstract message(): MessageHeader;
  /** The next field as `id * 16 + type`, or 0 at the end of the struct. Negative ids are negative numbers. */
  abstract field(): number;
  /** The header of a list or set: what is returned is its size, `elementType` the type of its elements. */
  abstract list(): number;
  abstract bool(): boolean;
  abstract i16(): number;
  abstract i32(): number;
  abstract i64(): bigint;
  abstract double(): number;
  /** Passes over a string or binary. Its bytes lie from what is returned to `pos`. */
  abstract string(): number;

  /** The type of the elements of the list whose header was read last. */
  elementType: ThriftType = TYPES.stop;

  fail(what: string, at: number = this.pos): never {
    throw new SpoorError('SPOOR_MALFORMED_SPANS', `not ${this.format}: at byte ${at}, ${what}`);
  }

  /** Before the first field of a struct. */
  enter(): void {
    if (this.depth >= MAX_DEPTH) this.fail(`structs, lists and maps are nested more than ${MAX_DEPTH} deep`);
    this.depth += 1;
  }

  /** After the last field of a struct. */
  leave(): void {
    this.depth -= 1;
  }

  /** A list of elements of that type; of another type it is refused, unless it is empty. */
  listOf(type: ThriftType): number {
    const start = this.pos;
    const size = this.list();
    if (size > 0 && this.elementType !== type)
      this.fail(`a list has elements of type ${this.elementType}, must have type ${type}`, start);
    return size;
  }

  byte(): number {
    if (this.pos >= this.bytes.length) this.fail('the bytes end in the middle of a value');
    return this.bytes[this.pos++]!;
  }

  /** Passes over the value of the field whose header was just read. */
  skip(field: number): void {
    this.skipValue(field & 15);
  }

  private skipValue(type: number): void {
    switch (type) {
      case TYPES.bool:
        this.bool();
        return;
      case TYPES.byte:
        this.byte();
        return;
      case TYPES.i16:
        this.i16();
        return;
      case TYPES.i32:
        this.i32();
        return;
      case TYPES.i64:
        this.i64();
        return;
      case TYPES.double:
        this.double();
        return;
      case TYPES.string:
        this.string();
        return;
      case TYPES.struct:
        this.enter();
        for (let field = this.field(); field !== 0; field = this.field()) this.skipValue(field & 15);
        this.leave();
        return;
      case TYPES.list:
      case TYPES.set:
        this.skipList();
        return;
      case TYPES.map:
        this.skipMap();
        return;
      default:
        this.fail(`the type ${type} does not exist`);
    }
  }

  private skipList(): void {
    this.enter();
    const size = this.list();
    const type = this.elementType;
    for (let i = 0; i < size; i += 1) this.skipValue(type);
    this.leave();
  }

  private skipMap(): void {
    this.enter();
    const { size, keyType, valueType } = this.map();
    for (let i = 0; i < size; i += 1) {
      this.skipValue(keyType);
      this.skipValue(valueType);
    }
    this.leave();
  }

  protected abstract map(): { readonly size: number; readonly keyType: ThriftType; readonly valueType: ThriftType };

  /** A length that was read, checked; the position moves behind what it counts. Returns where that begins. */
  protected passOver(length: number, lengthAt: number): number {
    const start = this.pos;
    const remaining = this.bytes.length - start;
    if (length < 0 || length > remaining) this.fail(`a length of ${length} bytes, ${remaining} remain`, lengthAt);
    this.pos = start + length;
    return start;
  }

  /** A number of elements that was read, checked against the least that they take. */
  protected checkSize(size: number, leastBytes: number, sizeAt: number): void {
    const remaining = this.bytes.length - this.pos;
    if (size < 0 || size * leastBytes > remaining)
      this.fail(`${size} elements cannot lie in the ${remaining} bytes that remain`, sizeAt);
  }

  protected messageName(start: number): string {
    return latin1.decode(this.bytes.subarray(start, Math.min(this.pos, start + MAX_TOLD_NAME)));
  }
}
