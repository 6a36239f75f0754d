import type { TraceColumns } from './columns.ts';
import { ROW_FLAGS } from './columns.ts';
import { criticalPathOf } from './critical-path.ts';
import { selfTimes } from './self-time.ts';
import type { SpanFacts } from './span-facts.ts';
import { buildTree } from './tree.ts';

/** A trace in columns, and which of the spans as they came each row is. */
export interface BuiltTrace {
  readonly columns: TraceColumns;
  readonly order: Int32Array;
}

/** Linear but for the sort by start time. There must be at least one span. */
export function buildColumns(facts: SpanFacts): BuiltTrace {
  const { startTimeUnixNano, durationMicros, startMicros, durations, badTime, microsAt } = timesOf(facts);
  const tree = buildTree({
    ids: facts.ids.strings,
    spanId: facts.spanId,
    parentSpanId: facts.parentSpanId,
    startMicros,
    durationMicros: durations,
  });
  const { order } = tree;
  const count = facts.count;
  const timed = {
    parent: tree.parent,
    subtreeSize: tree.subtreeSize,
    startMicros: new Float64Array(count),
    spanDurationMicros: new Float64Array(count),
  };
  const services = byFirstRow(facts.service, facts.services.strings, order);
  const names = byFirstRow(facts.name, facts.names.strings, order);
  const kind = new Uint8Array(count);
  const flags = new Uint8Array(count);
  const spanId = new BigUint64Array(count);
  // Bigints one by one would cost more than all the rest; every machine that browsers run on has the low half first.
  const spanIdHalves = new Uint32Array(spanId.buffer);
  let errorCount = 0;
  let orphanCount = 0;
  let depthCount = 0;
  let rootRow = -1;
  for (let row = 0; row < count; row += 1) {
    const at = order[row] ?? 0;
    timed.startMicros[row] = startMicros[at] ?? 0;
    timed.spanDurationMicros[row] = durations[at] ?? 0;
    kind[row] = facts.kind[at] ?? 0;
    spanIdHalves[2 * row] = facts.spanIdLow[at] ?? 0;
    spanIdHalves[2 * row + 1] = facts.spanIdHigh[at] ?? 0;
    const isError = facts.isError[at] === true;
    if (isError) errorCount += 1;
    if (tree.orphan[row] === 1) orphanCount += 1;
    if (rootRow < 0 && facts.parentSpanId[at] === -1) rootRow = row;
    depthCount = Math.max(depthCount, (tree.depth[row] ?? 0) + 1);
    flags[row] =
      (isError ? ROW_FLAGS.error : 0) |
      (tree.orphan[row] === 1 ? ROW_FLAGS.orphan : 0) |
      (tree.cycle[row] === 1 ? ROW_FLAGS.cycle : 0) |
      (tree.duplicateId[row] === 1 ? ROW_FLAGS.duplicateId : 0) |
      (facts.hasWarnings[at] ? ROW_FLAGS.warnings : 0) |
      (facts.hasLinks[at] ? ROW_FLAGS.links : 0) |
      (badTime[at] === 1 ? ROW_FLAGS.badTime : 0);
  }
  markErrorsBelow(flags, tree.parent);
  rootRow = Math.max(0, rootRow);
  const columns: TraceColumns = {
    traceId: facts.traceId,
    startTimeUnixNano,
    durationMicros,
    spanCount: count,
    errorCount,
    orphanCount,
    depthCount,
    rootRow,
    ...timed,
    selfMicros: selfTimes(timed),
    depth: tree.depth,
    childCount: tree.childCount,
    service: services.index,
    name: names.index,
    kind,
    flags,
    spanId,
    ...eventsOf(facts, order, microsAt, durationMicros),
    services: services.strings,
    names: names.strings,
    criticalPath: criticalPathOf(timed, rootRow),
  };
  return { columns, order };
}

/** Numbers the strings anew, in the order in which the rows come to them. */
function byFirstRow(indices: readonly number[], strings: readonly string[], order: Int32Array) {
  const newIndex = new Int32Array(strings.length).fill(-1);
  const index = new Int32Array(order.length);
  const inOrder: string[] = [];
  for (let row = 0; row < order.length; row += 1) {
    const old = indices[order[row] ?? 0] ?? 0;
    if (newIndex[old] === -1) newIndex[old] = inOrder.push(strings[old] ?? '') - 1;
    index[row] = newIndex[old] ?? 0;
  }
  return { index, strings: inOrder };
}

const TWO_TO_32 = 2 ** 32;

/**
 * Times relative to the earliest start. A start of zero says that the sender did not know it: such a span is put at the
 * trace's start, for otherwise all others would shrink to nothing beside half a century.
 */
function timesOf({ startHigh, startLow, endHigh, endLow, count }: SpanFacts) {
  let firstHigh = 0;
  let firstLow = 0;
  for (let i = 0; i < count; i += 1) {
    const high = startHigh[i] ?? 0;
    const low = startLow[i] ?? 0;
    if (high === 0 && low === 0) continue;
    const isFirst = firstHigh === 0 && firstLow === 0;
    if (isFirst || high < firstHigh || (high === firstHigh && low < firstLow)) {
      firstHigh = high;
      firstLow = low;
    }
  }
  const startMicros = new Float64Array(count);
  const durations = new Float64Array(count);
  const badTime = new Uint8Array(count);
  let durationMicros = 0;
  for (let i = 0; i < count; i += 1) {
    const isUnknown = startHigh[i] === 0 && startLow[i] === 0;
    const high = isUnknown ? firstHigh : (startHigh[i] ?? 0);
    const low = isUnknown ? firstLow : (startLow[i] ?? 0);
    const nanos = nanosBetween(high, low, endHigh[i] ?? 0, endLow[i] ?? 0);
    startMicros[i] = nanosBetween(firstHigh, firstLow, high, low) / 1000;
    durations[i] = nanos > 0 ? nanos / 1000 : 0;
    if (isUnknown || nanos < 0) badTime[i] = 1;
    durationMicros = Math.max(durationMicros, (startMicros[i] ?? 0) + (durations[i] ?? 0));
  }
  const startTimeUnixNano = (BigInt(firstHigh) << 32n) | BigInt(firstLow);
  const microsAt = (high: number, low: number) => nanosBetween(firstHigh, firstLow, high, low) / 1000;
  return { startTimeUnixNano, durationMicros, startMicros, durations, badTime, microsAt };
}

/** Rounded once, as the difference of two bigints is when it becomes a number. */
function nanosBetween(fromHigh: number, fromLow: number, toHigh: number, toLow: number): number {
  return (toHigh - fromHigh) * TWO_TO_32 + (toLow - fromLow);
}

function eventsOf(
  { eventEnd, eventHigh, eventLow, count }: SpanFacts,
  order: Int32Array,
  microsAt: (high: number, low: number) => number,
  durationMicros: number,
) {
  const eventOffset = new Int32Array(count + 1);
  const eventMicros = new Float64Array(eventHigh.length);
  let to = 0;
  for (let row = 0; row < count; row += 1) {
    const index = order[row] ?? 0;
    const from = to;
    for (let i = eventEnd[index - 1] ?? 0; i < (eventEnd[index] ?? 0); i += 1) {
      const micros = microsAt(eventHigh[i] ?? 0, eventLow[i] ?? 0);
      eventMicros[to] = Math.min(Math.max(micros, 0), durationMicros);
      to += 1;
    }
    if (to - from > 1) eventMicros.subarray(from, to).sort();
    eventOffset[row + 1] = to;
  }
  return { eventOffset, eventMicros };
}

function markErrorsBelow(flags: Uint8Array, parents: Int32Array): void {
  for (let row = flags.length - 1; row >= 0; row -= 1) {
    const parent = parents[row] ?? -1;
    if (parent >= 0 && ((flags[row] ?? 0) & (ROW_FLAGS.error | ROW_FLAGS.errorBelow)) !== 0) {
      flags[parent] = (flags[parent] ?? 0) | ROW_FLAGS.errorBelow;
    }
  }
}
