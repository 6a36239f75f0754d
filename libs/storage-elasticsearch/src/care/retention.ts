import type { IndexNames } from '../index-names.ts';
import type { IndexDescription } from '../indices/list.ts';

export interface RetentionLimits {
  /** 0 keeps indices whatever their age. */
  readonly maxAgeMs: number;
  /** 0 is no bound. */
  readonly maxBytes: number;
}

export interface Doomed {
  readonly name: string;
  readonly reason: 'age' | 'size';
}

/**
 * Which indices are to be deleted. An index goes only when its name is one that `names` gives out, no write alias points at it,
 * and neither its period nor its making is younger than the limit; for the size the oldest go first, and never one that may
 * still be written to: that of the running period, and those after it. Pure.
 */
export function doomedIndices(
  indices: readonly IndexDescription[],
  names: readonly IndexNames[],
  { maxAgeMs, maxBytes }: RetentionLimits,
  nowMs: number,
): Doomed[] {
  const known = indices.flatMap((index) => {
    const endMs = endOf(index, indices, names);
    return endMs === undefined ? [] : [{ ...index, endMs }];
  });
  const isOld = (index: { createdMs: number; endMs: number }) =>
    maxAgeMs > 0 && index.createdMs < nowMs - maxAgeMs && index.endMs < nowMs - maxAgeMs;
  const doomed: Doomed[] = known.filter(isOld).map(({ name }) => ({ name, reason: 'age' }));
  if (maxBytes === 0) return doomed;
  const left = known.filter((index) => !isOld(index));
  let bytes = left.reduce((sum, index) => sum + index.bytes, 0);
  const oldestFirst = left.filter(({ endMs }) => endMs < nowMs).sort((a, b) => ageOf(a) - ageOf(b));
  for (const index of oldestFirst) {
    if (bytes <= maxBytes) break;
    bytes -= index.bytes;
    doomed.push({ name: index.name, reason: 'size' });
  }
  return doomed;
}

/** Of the two times the later one: an old index may hold late spans, a new one those that were replayed. */
function ageOf({ createdMs, endMs }: { createdMs: number; endMs: number }): number {
  return Math.max(createdMs, endMs);
}

/** When its spans end; `undefined` when it is none of ours, or may still be written to by an alias. */
function endOf(
  index: IndexDescription,
  indices: readonly IndexDescription[],
  names: readonly IndexNames[],
): number | undefined {
  for (const one of names) {
    if (index.aliases.includes(one.writeAlias)) return undefined;
    const period = one.periodOf(index.name);
    if (period !== undefined) return period.endMs;
    const number = one.numberOf(index.name);
    if (number === undefined) continue;
    // Behind aliases, an index was written to until the next one was made.
    const later = indices.filter((other) => (one.numberOf(other.name) ?? 0) > number);
    return later.length === 0 ? undefined : Math.min(...later.map(({ createdMs }) => createdMs));
  }
  return undefined;
}
