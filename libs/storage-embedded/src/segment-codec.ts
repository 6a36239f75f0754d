import { corrupt, openFrame, sealFrame } from './frame.ts';
import { encodeColdColumns, encodeHotColumns } from './index-codec.ts';
import { lowerBound } from './sort.ts';
import type { Origin, SpanIndex } from './span-index.ts';

/** Spans whose columns lie in one blob. */
export const STRIPE_SPANS = 4096;
/** Terms of spans that a bucket of postings holds on average. */
const PAIRS_PER_BUCKET = 8192;
const FILTER_BITS_PER_TRACE = 12;
const FILTER_PROBES = 5;

/** What is kept of a sealed segment besides its stripes and postings. */
export interface SegmentMeta {
  readonly count: number;
  readonly bucketBits: number;
  readonly origins: readonly Origin[];
  readonly operations: readonly string[];
  readonly chunkIds: readonly number[];
  readonly firstArrival: number;
  readonly lastArrival: number;
  readonly minStart: readonly [high: number, low: number];
  readonly maxStart: readonly [high: number, low: number];
}

export function encodeMeta(meta: SegmentMeta): Uint8Array {
  return sealFrame(new TextEncoder().encode(JSON.stringify(meta)), 'zstd');
}

export function decodeMeta(frame: Uint8Array, what: string): SegmentMeta {
  try {
    return JSON.parse(new TextDecoder().decode(openFrame(frame, what))) as SegmentMeta;
  } catch (cause) {
    if (cause instanceof SyntaxError) throw corrupt(what, 'it is not JSON', cause);
    throw cause;
  }
}

export function bucketBitsFor(pairs: number): number {
  return Math.min(15, Math.max(0, 32 - Math.clz32(Math.floor(pairs / PAIRS_PER_BUCKET))));
}

export function bucketOf(hash: number, bits: number): number {
  return bits === 0 ? 0 : hash >>> (32 - bits);
}

/** The columns of a segment, a stripe after the other. */
export function* stripesOf(index: SpanIndex): Generator<{ readonly hot: Uint8Array; readonly cold: Uint8Array }> {
  for (let from = 0; from < index.count; from += STRIPE_SPANS) {
    const to = Math.min(index.count, from + STRIPE_SPANS);
    yield { hot: encodeHotColumns(index.columns, from, to), cold: encodeColdColumns(index.columns, from, to) };
  }
}

/** The postings of a segment, one blob a bucket: number of terms, their hashes, where each one's list ends, the lists. */
export function* bucketsOf(index: SpanIndex, bits: number): Generator<Uint8Array> {
  const { termHashes: hashes, termOrdinals: ordinals } = index;
  let at = 0;
  for (let bucket = 0; bucket < 2 ** bits; bucket += 1) {
    const from = at;
    while (at < hashes.length && bucketOf(hashes[at]!, bits) === bucket) at += 1;
    yield encodeBucket(hashes.subarray(from, at), ordinals.subarray(from, at));
  }
}

function encodeBucket(hashes: Uint32Array, ordinals: Uint32Array): Uint8Array {
  const terms: number[] = [];
  const ends: number[] = [];
  const lists = new Uint8Array(hashes.length * 5);
  let size = 0;
  let before = -1;
  for (let i = 0; i < hashes.length; i += 1) {
    const ordinal = ordinals[i]!;
    if (i === 0 || hashes[i] !== hashes[i - 1]) {
      if (i > 0) ends.push(size);
      terms.push(hashes[i]!);
      before = -1;
    } else if (ordinal === before) continue;
    let step = ordinal - before - 1;
    while (step > 0x7f) {
      lists[size++] = (step & 0x7f) | 0x80;
      step >>>= 7;
    }
    lists[size++] = step;
    before = ordinal;
  }
  ends.push(size);
  const bytes = new Uint8Array(4 + terms.length * 8 + size);
  const numbers = new Uint32Array(bytes.buffer, 0, 1 + terms.length * 2);
  numbers[0] = terms.length;
  numbers.set(terms, 1);
  numbers.set(ends.slice(0, terms.length), 1 + terms.length);
  bytes.set(lists.subarray(0, size), numbers.byteLength);
  return sealFrame(bytes, 'raw');
}

/** The list of a term in a bucket that `openFrame` opened. Throws `SPOOR_STORAGE_CORRUPT`. */
export function readPosting(bucket: Uint8Array, hash: number, spanCount: number, what: string): Uint32Array {
  const terms = bucket.length < 4 ? 0 : new Uint32Array(bucket.buffer, bucket.byteOffset, 1)[0]!;
  if (terms * 8 + 4 > bucket.length) throw corrupt(what, 'its list of terms is cut off');
  const hashes = new Uint32Array(bucket.buffer, bucket.byteOffset + 4, terms);
  const ends = new Uint32Array(bucket.buffer, bucket.byteOffset + 4 + terms * 4, terms);
  const term = lowerBound(hashes, hash);
  if (hashes[term] !== hash) return new Uint32Array(0);
  const lists = 4 + terms * 8;
  let pos = lists + (term === 0 ? 0 : ends[term - 1]!);
  const end = lists + ends[term]!;
  if (end > bucket.length || pos > end) throw corrupt(what, 'a list lies outside of it');
  const ordinals = new Uint32Array(end - pos);
  let count = 0;
  let before = -1;
  while (pos < end) {
    let step = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = bucket[pos++]!;
      step += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte > 0x7f && pos < end);
    before += step + 1;
    if (before >= spanCount) throw corrupt(what, 'a list names a span that does not exist');
    ordinals[count++] = before;
  }
  return ordinals.subarray(0, count);
}

/** A Bloom filter of the hashes of a segment's trace ids. */
export function encodeFilter(traceHashes: ReadonlySet<number>): Uint8Array {
  const words = new Uint32Array(Math.max(2, Math.ceil((traceHashes.size * FILTER_BITS_PER_TRACE) / 32)));
  for (const hash of traceHashes) {
    for (let probe = 0; probe < FILTER_PROBES; probe += 1) {
      const bit = filterBit(hash, probe, words.length * 32);
      words[bit >>> 5]! |= 1 << (bit & 31);
    }
  }
  return sealFrame(new Uint8Array(words.buffer), 'raw');
}

export function decodeFilter(frame: Uint8Array, what: string): Uint32Array {
  const bytes = openFrame(frame, what);
  return new Uint32Array(bytes.slice().buffer, 0, bytes.length >>> 2);
}

export function filterHolds(words: Uint32Array, hash: number): boolean {
  for (let probe = 0; probe < FILTER_PROBES; probe += 1) {
    const bit = filterBit(hash, probe, words.length * 32);
    if (((words[bit >>> 5]! >>> (bit & 31)) & 1) === 0) return false;
  }
  return true;
}

function filterBit(hash: number, probe: number, bits: number): number {
  const second = Math.imul(hash, 0x9e3779b1) | 1;
  return ((hash + Math.imul(probe, second)) >>> 0) % bits;
}

/** All terms of a bucket with their spans. Throws `SPOOR_STORAGE_CORRUPT`. */
export function postingsOfBucket(bucket: Uint8Array, spanCount: number, what: string) {
  const terms = bucket.length < 4 ? 0 : new Uint32Array(bucket.buffer, bucket.byteOffset, 1)[0]!;
  if (terms * 8 + 4 > bucket.length) throw corrupt(what, 'its list of terms is cut off');
  const hashesOfTerms = new Uint32Array(bucket.buffer, bucket.byteOffset + 4, terms);
  const lists = Array.from(hashesOfTerms, (hash) => readPosting(bucket, hash, spanCount, what));
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  const hashes = new Uint32Array(total);
  const ordinals = new Uint32Array(total);
  let at = 0;
  lists.forEach((list, term) => {
    hashes.fill(hashesOfTerms[term]!, at, at + list.length);
    ordinals.set(list, at);
    at += list.length;
  });
  return { hashes, ordinals };
}
