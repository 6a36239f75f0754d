/** Sorts two parallel arrays by (first, second), both unsigned; values of `second` are below 2^`secondBits`. */
export function sortPairs(first: Uint32Array, second: Uint32Array, secondBits: number): Pairs {
  let from: Pairs = { first, second };
  let to: Pairs = { first: new Uint32Array(first.length), second: new Uint32Array(first.length) };
  for (let shift = 0; shift < secondBits; shift += 11) {
    pass(from.second, shift, from, to);
    [from, to] = [to, from];
  }
  for (let shift = 0; shift < 32; shift += 11) {
    pass(from.first, shift, from, to);
    [from, to] = [to, from];
  }
  return from;
}

export interface Pairs {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

const counts = new Uint32Array(2048);

/** One stable counting pass by eleven bits of `keys`. */
function pass(keys: Uint32Array, shift: number, from: Pairs, to: Pairs): void {
  counts.fill(0);
  const length = keys.length;
  for (let i = 0; i < length; i += 1) counts[(keys[i]! >>> shift) & 2047]! += 1;
  let sum = 0;
  for (let digit = 0; digit < 2048; digit += 1) {
    const count = counts[digit]!;
    counts[digit] = sum;
    sum += count;
  }
  const { first, second } = from;
  const toFirst = to.first;
  const toSecond = to.second;
  for (let i = 0; i < length; i += 1) {
    const digit = (keys[i]! >>> shift) & 2047;
    const at = counts[digit]!;
    counts[digit] = at + 1;
    toFirst[at] = first[i]!;
    toSecond[at] = second[i]!;
  }
}

/** The order of the positions 0 … n − 1 by (high, low), earlier positions first among equals. */
export function orderByTime(high: Uint32Array, low: Uint32Array): Uint32Array {
  const count = high.length;
  const order = new Uint32Array(count);
  let least = 0;
  let greatest = 0;
  for (let i = 0; i < count; i += 1) {
    order[i] = i;
    if (high[i]! < high[least]!) least = i;
    if (high[i]! > high[greatest]!) greatest = i;
  }
  const base = high[least] ?? 0;
  const span = ((high[greatest] ?? 0) - base + 1) * 2 ** 32;
  // Time and position in one double, as long as that is exact: sorting numbers natively takes a fraction of the time.
  if (span * count > Number.MAX_SAFE_INTEGER)
    return order.sort((a, b) => high[a]! - high[b]! || low[a]! - low[b]! || a - b);
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i += 1) keys[i] = ((high[i]! - base) * 2 ** 32 + low[i]!) * count + i;
  keys.sort();
  for (let i = 0; i < count; i += 1) order[i] = keys[i]! % count;
  return order;
}

/** The first position in the ascending `list` whose value is at least `value`. */
export function lowerBound(list: Uint32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
