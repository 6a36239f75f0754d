import { corrupt, openFrame, sealFrame } from './frame.ts';
import type { ColdColumns, Columns, HotColumns, SpanIndex } from './span-index.ts';
import { ALL_COLUMNS, COLD_COLUMNS, HOT_COLUMNS } from './span-index.ts';

interface Header {
  readonly count: number;
  readonly terms: number;
  readonly origins: readonly { readonly service: string; readonly terms: readonly number[] }[];
  readonly operations: readonly string[];
  readonly chunkIds: readonly number[];
  readonly firstArrival: number;
}

/** A block's index as one blob: the header as JSON, then each column and the terms as little-endian 32-bit numbers. */
export function encodeIndex(index: SpanIndex): Uint8Array {
  const { count, origins, operations, chunkIds, firstArrival } = index;
  const header: Header = { count, terms: index.termHashes.length, origins, operations, chunkIds, firstArrival };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const arrays = [...ALL_COLUMNS.map((name) => index.columns[name]), index.termHashes, index.termOrdinals];
  const headerBytes = 4 + Math.ceil(json.length / 4) * 4;
  const bytes = new Uint8Array(headerBytes + arrays.reduce((sum, array) => sum + array.byteLength, 0));
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  let at = headerBytes;
  for (const array of arrays) {
    bytes.set(bytesOf(array), at);
    at += array.byteLength;
  }
  return sealFrame(bytes, 'zstd');
}

/** Throws `SPOOR_STORAGE_CORRUPT` for anything that `encodeIndex` would not have written. */
export function decodeIndex(frame: Uint8Array, what: string): SpanIndex {
  const bytes = openFrame(frame, what);
  if (bytes.length < 4) throw corrupt(what, 'its header is cut off');
  const jsonLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if (jsonLength > bytes.length - 4) throw corrupt(what, 'its header is cut off');
  const header = parseHeader(bytes.subarray(4, 4 + jsonLength), what);
  let at = 4 + Math.ceil(jsonLength / 4) * 4;
  if (bytes.length !== at + 4 * (header.count * ALL_COLUMNS.length + header.terms * 2)) {
    throw corrupt(what, 'its size does not fit its header');
  }
  const take = (length: number) => {
    const array = new Uint32Array(bytes.buffer, bytes.byteOffset + at, length);
    at += array.byteLength;
    return array;
  };
  const columns = Object.fromEntries(ALL_COLUMNS.map((name) => [name, take(header.count)])) as unknown as Columns;
  const termHashes = take(header.terms);
  const termOrdinals = take(header.terms);
  checkBelow(columns.origin, header.origins.length, what);
  checkBelow(columns.operation, header.operations.length, what);
  checkBelow(columns.chunk, header.chunkIds.length, what);
  checkBelow(columns.parentOrigin, header.origins.length + 2, what);
  checkBelow(termOrdinals, header.count, what);
  return { ...header, columns, termHashes, termOrdinals };
}

function parseHeader(json: Uint8Array, what: string): Header {
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as Header;
  } catch (cause) {
    throw corrupt(what, 'its header is not JSON', cause);
  }
  const isCount = (value: unknown) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (
    header === null ||
    typeof header !== 'object' ||
    !isCount(header.count) ||
    !isCount(header.terms) ||
    !isCount(header.firstArrival) ||
    !Array.isArray(header.origins) ||
    !header.origins.every((origin) => typeof origin?.service === 'string' && Array.isArray(origin.terms)) ||
    !Array.isArray(header.operations) ||
    !header.operations.every((name) => typeof name === 'string') ||
    !Array.isArray(header.chunkIds) ||
    !header.chunkIds.every(isCount)
  ) {
    throw corrupt(what, 'its header lacks something');
  }
  return header;
}

export function encodeHotColumns(columns: HotColumns, from: number, to: number): Uint8Array {
  return encodeColumns(HOT_COLUMNS.map((name) => columns[name].subarray(from, to)));
}

export function encodeColdColumns(columns: ColdColumns, from: number, to: number): Uint8Array {
  return encodeColumns(COLD_COLUMNS.map((name) => columns[name].subarray(from, to)));
}

export function decodeHotColumns(frame: Uint8Array, count: number, what: string): HotColumns {
  return decodeColumns(HOT_COLUMNS, frame, count, what) as HotColumns;
}

export function decodeColdColumns(frame: Uint8Array, count: number, what: string): ColdColumns {
  return decodeColumns(COLD_COLUMNS, frame, count, what) as ColdColumns;
}

function encodeColumns(arrays: readonly Uint32Array[]): Uint8Array {
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0));
  let at = 0;
  for (const array of arrays) {
    bytes.set(bytesOf(array), at);
    at += array.byteLength;
  }
  return sealFrame(bytes, 'zstd');
}

function decodeColumns(names: readonly string[], frame: Uint8Array, count: number, what: string): unknown {
  const bytes = openFrame(frame, what);
  if (bytes.length !== names.length * count * 4) throw corrupt(what, 'its size does not fit its segment');
  return Object.fromEntries(
    names.map((name, i) => [name, new Uint32Array(bytes.buffer, bytes.byteOffset + i * count * 4, count)]),
  );
}

function bytesOf(array: Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function checkBelow(values: Uint32Array, bound: number, what: string): void {
  for (let i = 0; i < values.length; i += 1) {
    if (values[i]! >= bound) throw corrupt(what, `it refers to number ${values[i]} of ${bound}`);
  }
}
