import { counterOf } from '@spoor/metrics';
import type { SpanBatch } from '@spoor/model';
import { type MetricsSlice, type MetricsSliceKey, type MetricsSliceStore, ServiceCounts } from '@spoor/storage';
import type { Registry } from 'prom-client';
import { GatheredSlices } from './gathered-slices.ts';
import { visitSpans } from './span-minutes.ts';

/** A record of an ordered, partitioned log. */
export interface DerivedRecord extends SpanBatch {
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since the Unix epoch. */
  readonly appendedAtMs: number;
}

export interface MetricsDeriverOptions {
  /** Names the log, among all that count into the same store. */
  readonly log: string;
  /** Spans that start longer than this before their record was appended are not counted, so that minutes come to an end. */
  readonly maxSpanAgeMs: number;
  /** Slices that are held at most between two calls. One that is not held is read from the store when spans of it come. */
  readonly maxSlices: number;
  /** How long what a small delivery changed waits, to be put with that of other partitions. Default 0: not at all. */
  readonly lingerMs?: number;
}

export interface MetricsDeriverDependencies {
  readonly slices: MetricsSliceStore;
  readonly metrics: Registry;
}

export interface MetricsDeriver {
  /**
   * Counts the spans of records of one partition, in offset order, into the store's slices. Resolves when these are durable.
   * MUST NOT be called concurrently for one partition. May be called again with the same records, by whatever process: each is
   * counted once, because a slice tells how far its partition is counted. Throws what the store throws.
   */
  add(records: readonly DerivedRecord[], signal: AbortSignal): Promise<void>;
}

/** Clocks of senders may go ahead of the log's by as much; what starts later still is not counted. */
const MAX_AHEAD_MS = 10 * 60_000;
const MINUTE_MS = 60_000;

/** What a partition holds of a service and a minute. */
interface HeldSlice {
  readonly key: MetricsSliceKey;
  readonly counts: ServiceCounts;
  through: bigint;
}

/** Counts of records that may have been counted before: by offset, until the stored slice says how far it goes. */
interface Fresh {
  readonly key: MetricsSliceKey;
  readonly parts: { readonly offset: bigint; readonly counts: ServiceCounts }[];
}

interface PartitionState {
  /** Of the record that continues what is held. */
  nextOffset: bigint;
  readonly held: Map<string, HeldSlice>;
}

/**
 * Derives calls, errors and durations by service, operation and kind from the log. A slice is a function of the log alone:
 * whoever counts a partition up to an offset gets the same one.
 */
export function createMetricsDeriver(
  { log, maxSpanAgeMs, maxSlices, lingerMs = 0 }: MetricsDeriverOptions,
  { slices: store, metrics }: MetricsDeriverDependencies,
): MetricsDeriver {
  const skipped = counterOf(metrics, 'spoor_metrics_spans_skipped_total');
  const gathered = new GatheredSlices(store, lingerMs);
  const partitions = new Map<number, PartitionState>();

  /** What is held continues with `offset`, or is forgotten: somebody else may have counted on. */
  function stateOf(partition: number, offset: bigint): PartitionState {
    const known = partitions.get(partition);
    if (known?.nextOffset === offset) return known;
    const state: PartitionState = { nextOffset: offset, held: new Map() };
    partitions.set(partition, state);
    return state;
  }

  /** The spans of one record, by slice. Which are counted depends on nothing but the record. */
  function countRecord(record: DerivedRecord, fresh: Map<string, Fresh>): void {
    const { tenant, partition, offset, appendedAtMs } = record;
    const first = Math.floor((appendedAtMs - maxSpanAgeMs) / MINUTE_MS);
    const last = Math.floor((appendedAtMs + MAX_AHEAD_MS) / MINUTE_MS);
    const source = `${log}/${partition}`;
    const byService = new Map<string, Map<number, ServiceCounts>>();
    let tooFar = 0;
    visitSpans(record, (service, minute, operation, kindNumber, isError, nanos) => {
      if (minute < first || minute > last) {
        tooFar += 1;
        return;
      }
      let minutes = byService.get(service);
      if (minutes === undefined) byService.set(service, (minutes = new Map()));
      let counts = minutes.get(minute);
      if (counts === undefined) {
        minutes.set(minute, (counts = new ServiceCounts(Number.POSITIVE_INFINITY)));
        const key = { tenant, source, service, minute };
        const name = nameOf(key);
        const known = fresh.get(name);
        if (known === undefined) fresh.set(name, { key, parts: [{ offset, counts }] });
        else known.parts.push({ offset, counts });
      }
      counts.addSpan(operation, kindNumber, isError, nanos);
    });
    if (tooFar > 0) skipped.inc(tooFar);
  }

  /** Slices that are not held, as they are stored or empty. */
  async function restore(keys: readonly MetricsSliceKey[], state: PartitionState, signal: AbortSignal): Promise<void> {
    if (keys.length === 0) return;
    for (const key of keys) state.held.set(nameOf(key), { key, counts: new ServiceCounts(), through: -1n });
    for (const stored of await store.getSlices(keys, signal)) {
      const held = state.held.get(nameOf(stored))!;
      held.counts.addMetrics(stored.operations);
      held.through = stored.through;
    }
  }

  function isPassed(counted: HeldSlice, { parts }: Fresh): boolean {
    return parts.every(({ offset }) => offset <= counted.through);
  }

  return {
    async add(records, signal) {
      const [first] = records;
      const last = records.at(-1);
      if (first === undefined || last === undefined) return;
      const { partition } = first;
      const state = stateOf(partition, first.offset);
      // Until all of it is durable: a call that fails leaves nothing behind.
      partitions.delete(partition);
      const fresh = new Map<string, Fresh>();
      for (const record of records) countRecord(record, fresh);
      await restore(
        [...fresh].filter(([name]) => !state.held.has(name)).map(([, { key }]) => key),
        state,
        signal,
      );
      const changed: MetricsSlice[] = [];
      for (const [name, one] of fresh) {
        const held = state.held.get(name)!;
        // Moved to the end: those that are used least are forgotten first.
        state.held.delete(name);
        state.held.set(name, held);
        if (isPassed(held, one)) continue;
        for (const { offset, counts } of one.parts)
          if (offset > held.through) held.counts.addMetrics(counts.operations());
        held.through = last.offset;
        changed.push({ ...held.key, through: held.through, operations: held.counts.operations() });
      }
      const spans = records.reduce((sum, { spanCount }) => sum + spanCount, 0);
      if (changed.length > 0) await gathered.put(changed, spans, signal);
      state.nextOffset = last.offset + 1n;
      for (const name of state.held.keys()) {
        if (state.held.size <= maxSlices) break;
        state.held.delete(name);
      }
      partitions.set(partition, state);
    },
  };
}

function nameOf({ tenant, source, service, minute }: MetricsSliceKey): string {
  return JSON.stringify([tenant, source, service, minute]);
}
