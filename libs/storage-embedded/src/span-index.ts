import { lowerBound, orderByTime, sortPairs } from './sort.ts';

/** Columns that a search and a list of traces read: 32 bits a span each. */
export const HOT_COLUMNS = [
  'startHigh',
  'startLow',
  'endHigh',
  'endLow',
  'trace0',
  'trace1',
  'trace2',
  'trace3',
  'origin',
  'operation',
  'facts',
  'parentOrigin',
] as const;
/** Columns that are read for spans found already. */
export const COLD_COLUMNS = [
  'span0',
  'span1',
  'parent0',
  'parent1',
  'chunk',
  'position',
  'content',
  'arrival',
] as const;
export const ALL_COLUMNS = [...HOT_COLUMNS, ...COLD_COLUMNS] as const;
export type HotColumns = Readonly<Record<(typeof HOT_COLUMNS)[number], Uint32Array>>;
export type ColdColumns = Readonly<Record<(typeof COLD_COLUMNS)[number], Uint32Array>>;
export type Columns = HotColumns & ColdColumns;

/** Bits of `facts`: the kind's number, the status error, and whether the condition error=true holds. */
export const KIND_BITS = 7;
export const STATUS_ERROR = 8;
export const ERROR_CONDITION = 16;
/** Values of `parentOrigin` below the origins' own, which begin at 2. */
export const NO_PARENT = 0;
export const PARENT_ELSEWHERE = 1;

/** A resource with a scope, as far as the index needs it: the service, and the hashes of their attributes, ascending, once each. */
export interface Origin {
  readonly service: string;
  readonly terms: readonly number[];
}

/**
 * Facts of spans in the order of their start. A span's number in it is its ordinal. `terms` holds, sorted by hash and then
 * ordinal, which spans have which term; a pair may come twice. `chunk` is a position in `chunkIds`, `arrival` counts from `firstArrival`.
 */
export interface SpanIndex {
  readonly count: number;
  readonly columns: Columns;
  readonly termHashes: Uint32Array;
  readonly termOrdinals: Uint32Array;
  readonly origins: readonly Origin[];
  readonly operations: readonly string[];
  readonly chunkIds: readonly number[];
  readonly firstArrival: number;
}

export function makeColumns(count: number): Columns {
  return Object.fromEntries(ALL_COLUMNS.map((name) => [name, new Uint32Array(count)])) as unknown as Columns;
}

/** Ordinals of the spans that have the term, ascending. */
export function postingOf(index: SpanIndex, hash: number): Uint32Array {
  const from = lowerBound(index.termHashes, hash);
  const end = hash === 0xffffffff ? index.termHashes.length : lowerBound(index.termHashes, hash + 1);
  return index.termOrdinals.subarray(from, end);
}

/** One index of several. Origins and operations that are equal become one. */
export function mergeIndexes(parts: readonly SpanIndex[]): SpanIndex {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const firstArrival = Math.min(...parts.map((part) => part.firstArrival));
  const all = makeColumns(count);
  const origins = new Distinct<Origin>((origin) => `${origin.terms.join()} ${origin.service}`);
  const operations = new Distinct<string>((name) => name);
  const chunkIds = new Distinct<number>(String);
  let base = 0;
  for (const part of parts) {
    for (const name of ALL_COLUMNS) all[name].set(part.columns[name], base);
    renumber(
      all.origin,
      base,
      part.count,
      part.origins.map((origin) => origins.number(origin)),
    );
    renumber(
      all.operation,
      base,
      part.count,
      part.operations.map((name) => operations.number(name)),
    );
    renumber(
      all.chunk,
      base,
      part.count,
      part.chunkIds.map((id) => chunkIds.number(id)),
    );
    const shift = part.firstArrival - firstArrival;
    for (let i = base; i < base + part.count; i += 1) all.arrival[i]! += shift;
    base += part.count;
  }
  const order = orderByTime(all.startHigh, all.startLow);
  const columns = makeColumns(count);
  for (const name of ALL_COLUMNS) {
    const from = all[name];
    const to = columns[name];
    for (let i = 0; i < count; i += 1) to[i] = from[order[i]!]!;
  }
  const terms = mergeTerms(parts, order);
  return {
    count,
    columns,
    termHashes: terms.first,
    termOrdinals: terms.second,
    origins: origins.values,
    operations: operations.values,
    chunkIds: chunkIds.values,
    firstArrival,
  };
}

function mergeTerms(parts: readonly SpanIndex[], order: Uint32Array) {
  const ordinalOf = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i += 1) ordinalOf[order[i]!] = i;
  const total = parts.reduce((sum, part) => sum + part.termHashes.length, 0);
  const hashes = new Uint32Array(total);
  const ordinals = new Uint32Array(total);
  let at = 0;
  let base = 0;
  for (const part of parts) {
    hashes.set(part.termHashes, at);
    for (let i = 0; i < part.termOrdinals.length; i += 1) ordinals[at + i] = ordinalOf[base + part.termOrdinals[i]!]!;
    at += part.termHashes.length;
    base += part.count;
  }
  return sortPairs(hashes, ordinals, 32 - Math.clz32(Math.max(1, order.length - 1)));
}

function renumber(column: Uint32Array, from: number, count: number, numbers: readonly number[]): void {
  for (let i = from; i < from + count; i += 1) column[i] = numbers[column[i]!]!;
}

/** Numbers values from 0 in the order in which they first come. */
export class Distinct<T> {
  readonly values: T[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly keyOf: (value: T) => string;

  constructor(keyOf: (value: T) => string) {
    this.keyOf = keyOf;
  }

  number(value: T): number {
    const key = this.keyOf(value);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}
