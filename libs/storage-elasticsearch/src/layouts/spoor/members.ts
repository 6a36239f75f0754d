import type { JsonBuffer } from '../../writer/json-buffer.ts';

export const COMMA = 0x2c;
export const QUOTE = 0x22;

const utf8 = new TextEncoder();

/** Names of the three members that attributes take, each with its quotes and colon. */
export interface AttributeMembers {
  readonly terms: Uint8Array;
  readonly types: Uint8Array;
  readonly exact: Uint8Array;
}

export function attributeMembers(terms: string, types: string, exact: string): AttributeMembers {
  const bytesOf = (name: string) => utf8.encode(`"${name}":`);
  return { terms: bytesOf(terms), types: bytesOf(types), exact: bytesOf(exact) };
}

/** Of scopes, events and links. */
export const OF_PART: AttributeMembers = attributeMembers('attributes', 'types', 'exact');

/** `begin` is the name, the colon and the opening quote. Nothing when the text is empty. */
export function putText(out: JsonBuffer, begin: string, bytes: Uint8Array, start: number, end: number): void {
  if (end === start) return;
  out.ascii(begin);
  out.escaped(bytes, start, end);
  out.byte(QUOTE);
  out.byte(COMMA);
}

/** As `putText`, of bytes as hex. */
export function putId(out: JsonBuffer, begin: string, bytes: Uint8Array, range: readonly number[]): void {
  const [start = 0, end = 0] = range;
  if (end === start) return;
  out.ascii(begin);
  out.hex(bytes, start, end - start);
  out.byte(QUOTE);
  out.byte(COMMA);
}

/** `begin` is the name and the colon. Nothing when the count is 0. */
export function putCount(out: JsonBuffer, begin: string, value: number): void {
  if (value === 0) return;
  out.ascii(begin);
  out.integer(value);
  out.byte(COMMA);
}

/** `begin` is the name, the colon and the opening bracket. Entries have a comma behind each. */
export function putList(out: JsonBuffer, begin: string, entries: JsonBuffer): void {
  if (entries.length === 0) return;
  out.ascii(begin);
  out.raw(entries.bytes, 0, entries.length - 1);
  out.byte(0x5d);
  out.byte(COMMA);
}
