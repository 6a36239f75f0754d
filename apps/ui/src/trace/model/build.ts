import type { Span, Trace } from '@spoor/model';
import { operationNameOf, SPAN_KINDS, serviceNameOf } from '@spoor/model';
import type { TraceColumns } from './columns.ts';
import { ROW_FLAGS } from './columns.ts';
import { criticalPathOf } from './critical-path.ts';
import { selfTimes } from './self-time.ts';
import { buildTree } from './tree.ts';
import { hasWarnings } from './warnings.ts';

/** A trace in columns, and its spans by row for whoever needs all of them. */
export interface BuiltTrace {
  readonly columns: TraceColumns;
  readonly spans: readonly Span[];
}

/** Linear but for the sort by start time. `trace` must hold at least one span. */
export function buildColumns(trace: Trace): BuiltTrace {
  const { startTimeUnixNano, durationMicros, startMicros, durations, badTime } = timesOf(trace.spans);
  const tree = buildTree({
    spanIds: trace.spans.map((span) => span.spanId),
    parentSpanIds: trace.spans.map((span) => span.parentSpanId),
    startMicros,
    durationMicros: durations,
  });
  const count = trace.spans.length;
  const spans = Array.from(tree.order, (index) => trace.spans[index] as Span);
  const timed = {
    parent: tree.parent,
    subtreeSize: tree.subtreeSize,
    startMicros: Float64Array.from(tree.order, (index) => startMicros[index] ?? 0),
    spanDurationMicros: Float64Array.from(tree.order, (index) => durations[index] ?? 0),
  };
  const services = new StringTable();
  const names = new StringTable();
  const serviceOfResource = new Map<object, number>();
  const service = new Int32Array(count);
  const name = new Int32Array(count);
  const kind = new Uint8Array(count);
  const flags = new Uint8Array(count);
  const spanId = new BigUint64Array(count);
  let errorCount = 0;
  let orphanCount = 0;
  let depthCount = 0;
  let rootRow = -1;
  for (let row = 0; row < count; row += 1) {
    const span = spans[row] as Span;
    let serviceIndex = serviceOfResource.get(span.resource);
    if (serviceIndex === undefined) {
      serviceIndex = services.indexOf(serviceNameOf(span.resource));
      serviceOfResource.set(span.resource, serviceIndex);
    }
    service[row] = serviceIndex;
    name[row] = names.indexOf(operationNameOf(span));
    kind[row] = SPAN_KINDS.indexOf(span.kind);
    spanId[row] = BigInt(`0x${span.spanId}`);
    const isError = span.status.code === 'error';
    if (isError) errorCount += 1;
    if (tree.orphan[row] === 1) orphanCount += 1;
    if (rootRow < 0 && span.parentSpanId === '') rootRow = row;
    depthCount = Math.max(depthCount, (tree.depth[row] ?? 0) + 1);
    flags[row] =
      (isError ? ROW_FLAGS.error : 0) |
      (tree.orphan[row] === 1 ? ROW_FLAGS.orphan : 0) |
      (tree.cycle[row] === 1 ? ROW_FLAGS.cycle : 0) |
      (tree.duplicateId[row] === 1 ? ROW_FLAGS.duplicateId : 0) |
      (hasWarnings(span) ? ROW_FLAGS.warnings : 0) |
      (span.links.length > 0 ? ROW_FLAGS.links : 0) |
      (badTime[tree.order[row] ?? 0] === 1 ? ROW_FLAGS.badTime : 0);
  }
  markErrorsBelow(flags, tree.parent);
  rootRow = Math.max(0, rootRow);
  const columns: TraceColumns = {
    traceId: trace.traceId,
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
    service,
    name,
    kind,
    flags,
    spanId,
    ...eventsOf(spans, startTimeUnixNano, durationMicros),
    services: services.strings,
    names: names.strings,
    criticalPath: criticalPathOf(timed, rootRow),
  };
  return { columns, spans };
}

/**
 * Times relative to the earliest start. A start of zero says that the sender did not know it: such a span is put at the
 * trace's start, for otherwise all others would shrink to nothing beside half a century.
 */
function timesOf(spans: readonly Span[]) {
  let first: bigint | undefined;
  for (const span of spans) {
    const start = span.startTimeUnixNano;
    if (start !== 0n && (first === undefined || start < first)) first = start;
  }
  const startTimeUnixNano = first ?? 0n;
  const startMicros = new Float64Array(spans.length);
  const durations = new Float64Array(spans.length);
  const badTime = new Uint8Array(spans.length);
  let durationMicros = 0;
  for (let i = 0; i < spans.length; i += 1) {
    const span = spans[i] as Span;
    const start = span.startTimeUnixNano === 0n ? startTimeUnixNano : span.startTimeUnixNano;
    const nanos = span.endTimeUnixNano - start;
    startMicros[i] = Number(start - startTimeUnixNano) / 1000;
    durations[i] = nanos > 0n ? Number(nanos) / 1000 : 0;
    if (span.startTimeUnixNano === 0n || nanos < 0n) badTime[i] = 1;
    durationMicros = Math.max(durationMicros, (startMicros[i] ?? 0) + (durations[i] ?? 0));
  }
  return { startTimeUnixNano, durationMicros, startMicros, durations, badTime };
}

function eventsOf(spans: readonly Span[], startTimeUnixNano: bigint, durationMicros: number) {
  const eventOffset = new Int32Array(spans.length + 1);
  for (let row = 0; row < spans.length; row += 1) {
    eventOffset[row + 1] = (eventOffset[row] ?? 0) + (spans[row]?.events.length ?? 0);
  }
  const eventMicros = new Float64Array(eventOffset[spans.length] ?? 0);
  for (let row = 0; row < spans.length; row += 1) {
    const at = eventOffset[row] ?? 0;
    const events = spans[row]?.events ?? [];
    for (let i = 0; i < events.length; i += 1) {
      const micros = Number((events[i]?.timeUnixNano ?? 0n) - startTimeUnixNano) / 1000;
      eventMicros[at + i] = Math.min(Math.max(micros, 0), durationMicros);
    }
    if (events.length > 1) eventMicros.subarray(at, at + events.length).sort();
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

class StringTable {
  readonly strings: string[] = [];
  readonly #indices = new Map<string, number>();

  indexOf(text: string): number {
    let index = this.#indices.get(text);
    if (index === undefined) {
      index = this.strings.push(text) - 1;
      this.#indices.set(text, index);
    }
    return index;
  }
}
