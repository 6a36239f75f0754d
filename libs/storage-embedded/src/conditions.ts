import { SPAN_KINDS } from '@spoor/model';
import { SpanCursor } from '@spoor/otlp';
import type { TraceQuery } from '@spoor/storage';
import { type PreparedCondition, prepareCondition } from './attribute-condition.ts';
import { ChunkBuilder } from './chunk.ts';
import type { TermHash } from './hash.ts';
import type { ReadEngine } from './read-engine.ts';
import type { Source } from './source.ts';
import { ERROR_CONDITION, KIND_BITS } from './span-index.ts';

/** Origins that a condition may name before its candidates are no longer gathered from postings. */
const MAX_GATHERED_ORIGINS = 64;

/** A query with everything precomputed that does not depend on a source. */
export interface PreparedQuery {
  readonly query: TraceQuery;
  /** Terms that every match has, by which candidates are found. */
  readonly terms: readonly number[];
  /** Attribute conditions that need the span's bytes to be certain. */
  readonly attributes: readonly PreparedCondition[];
  /** What the error condition must be. */
  readonly error: boolean | undefined;
  readonly kindNumber: number | undefined;
  readonly minDuration: bigint | undefined;
  readonly maxDuration: bigint | undefined;
}

export function prepareQuery(query: TraceQuery, hash: TermHash): PreparedQuery | 'never' {
  let error: boolean | undefined;
  const terms: number[] = [];
  const attributes: PreparedCondition[] = [];
  for (const condition of query.attributes) {
    const { key, value, operator = 'eq' } = condition;
    const isErrorColumn = key === 'error' && (value === 'true' || value === 'false');
    if (isErrorColumn && (operator === 'eq' || operator === 'ne')) {
      const wanted = (value === 'true') === (operator === 'eq');
      if (error !== undefined && error !== wanted) return 'never';
      error = wanted;
      continue;
    }
    if (operator === 'eq') terms.push(hash.attribute(key, value));
    attributes.push(prepareCondition(condition));
  }
  return {
    query,
    terms,
    attributes,
    error,
    kindNumber: query.spanKind === undefined ? undefined : SPAN_KINDS.indexOf(query.spanKind),
    minDuration: query.minDurationNanos,
    maxDuration: query.maxDurationNanos,
  };
}

/** A query in one source: lists of candidates that all must name a span, and what its columns must be. */
export interface SourceQuery {
  readonly source: Source;
  /** Ascending ordinals, the shortest list first. Empty: every span is a candidate. */
  readonly lists: readonly Uint32Array[];
  /** Which origins the service has; `undefined` without a service. */
  readonly origins: Uint8Array | undefined;
  readonly operation: number | undefined;
}

/** `undefined` when no span of the source can match. */
export function planSource(prepared: PreparedQuery, source: Source, hash: TermHash): SourceQuery | undefined {
  const { query } = prepared;
  const lists: Uint32Array[] = [];
  let origins: Uint8Array | undefined;
  let operation: number | undefined;
  if (query.serviceName !== undefined) {
    const numbers = numbersWhere(source, ({ service }) => service === query.serviceName);
    if (numbers.length === 0) return undefined;
    origins = new Uint8Array(source.origins.length);
    for (const number of numbers) origins[number] = 1;
    const list = gather(source, hash, numbers, undefined);
    if (list !== undefined) lists.push(list);
  }
  if (query.operationName !== undefined) {
    operation = source.operations.indexOf(query.operationName);
    if (operation < 0) return undefined;
    lists.push(source.posting(hash.operation(query.operationName)));
  }
  for (const term of prepared.terms) {
    const numbers = numbersWhere(source, ({ terms }) => terms.includes(term));
    const list = gather(source, hash, numbers, source.posting(term));
    if (list === undefined) continue;
    if (list.length === 0) return undefined;
    lists.push(list);
  }
  if (prepared.error === true) lists.push(source.posting(hash.attribute('error', 'true')));
  if (query.spanKind !== undefined) lists.push(source.posting(hash.attribute('span.kind', query.spanKind)));
  lists.sort((a, b) => a.length - b.length);
  return { source, lists, origins, operation };
}

function numbersWhere(source: Source, holds: (origin: Source['origins'][number]) => boolean): number[] {
  const numbers: number[] = [];
  source.origins.forEach((origin, number) => {
    if (holds(origin)) numbers.push(number);
  });
  return numbers;
}

/** Spans of the origins together with `more`, ascending. `undefined` when there are so many origins that a scan is better. */
function gather(source: Source, hash: TermHash, numbers: readonly number[], more: Uint32Array | undefined) {
  if (numbers.length > MAX_GATHERED_ORIGINS) return undefined;
  const lists = numbers.map((number) => source.posting(hash.origin(source.origins[number]!)));
  if (more !== undefined && more.length > 0) lists.push(more);
  if (lists.length === 1) return lists[0]!;
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

/** Whether the span's columns meet the conditions that columns decide. Time is not among them. */
export function columnsMatch(
  prepared: PreparedQuery,
  { source, origins, operation }: SourceQuery,
  ordinal: number,
): boolean {
  const stripe = Math.floor(ordinal / source.stripeSpans);
  const at = ordinal - stripe * source.stripeSpans;
  const hot = source.hot(stripe);
  if (origins !== undefined && origins[hot.origin[at]!] === 0) return false;
  if (operation !== undefined && hot.operation[at] !== operation) return false;
  const facts = hot.facts[at]!;
  if (prepared.kindNumber !== undefined && (facts & KIND_BITS) !== prepared.kindNumber) return false;
  if (prepared.error !== undefined && ((facts & ERROR_CONDITION) !== 0) !== prepared.error) return false;
  if (prepared.minDuration === undefined && prepared.maxDuration === undefined) return true;
  const duration = durationOf(hot.startHigh[at]!, hot.startLow[at]!, hot.endHigh[at]!, hot.endLow[at]!);
  return (
    (prepared.minDuration === undefined || duration >= prepared.minDuration) &&
    (prepared.maxDuration === undefined || duration <= prepared.maxDuration)
  );
}

/** A number where that is exact, a bigint where it is not: both compare with bigints exactly. */
function durationOf(startHigh: number, startLow: number, endHigh: number, endLow: number): number | bigint {
  const high = endHigh - startHigh;
  if (high > -1_000_000 && high < 1_000_000) return high * 4_294_967_296 + (endLow - startLow);
  return BigInt(high) * 4_294_967_296n + BigInt(endLow - startLow);
}

/**
 * Tells chunks that cannot hold a match, since a key occurs nowhere in them: most searches that no posting narrows are for
 * keys that few spans have.
 */
export class ChunkSieve {
  private readonly engine: ReadEngine;
  private readonly source: Source;
  private readonly needles: readonly Uint8Array[];
  /** By position in `chunkIds`: not looked at, may match, cannot match. */
  private readonly verdicts: Uint8Array;

  constructor(engine: ReadEngine, { attributes }: PreparedQuery, source: Source) {
    this.engine = engine;
    this.source = source;
    this.needles = attributes.flatMap(({ needle, isPosted }) => (needle === undefined || isPosted ? [] : needle));
    this.verdicts = new Uint8Array(this.needles.length === 0 ? 0 : source.chunkIds.length);
  }

  mayMatch(ordinal: number): boolean {
    if (this.needles.length === 0) return true;
    const stripe = Math.floor(ordinal / this.source.stripeSpans);
    const chunk = this.source.cold(stripe).chunk[ordinal - stripe * this.source.stripeSpans]!;
    this.verdicts[chunk] ||= this.look(chunk) ? 1 : 2;
    return this.verdicts[chunk] === 1;
  }

  private look(chunk: number): boolean {
    const view = this.engine.chunk(this.source.chunkIds[chunk]!);
    return this.needles.every((needle) => view.contains(needle));
  }
}

/** Compares the attribute conditions with the span itself, as its bytes have it. */
export function attributesMatch(engine: ReadEngine, prepared: PreparedQuery, source: Source, ordinal: number): boolean {
  if (prepared.attributes.length === 0) return true;
  const stripe = Math.floor(ordinal / source.stripeSpans);
  const at = ordinal - stripe * source.stripeSpans;
  const cold = source.cold(stripe);
  const view = engine.chunk(source.chunkIds[cold.chunk[at]!]!);
  const ranges = view.ranges(cold.position[at]!);
  for (const { needle } of prepared.attributes)
    if (needle !== undefined && !view.mentions(ranges, needle)) return false;
  candidate.clear();
  candidate.add(view.bytes, ranges);
  const cursor = new SpanCursor(candidate.message());
  return cursor.next() && prepared.attributes.every(({ holds }) => holds(cursor));
}

/** Reused: reading is synchronous, and a search may look at very many spans. */
const candidate = new ChunkBuilder(4096);
