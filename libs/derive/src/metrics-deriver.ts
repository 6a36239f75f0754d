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

/** What a partition holds of a service and a minute: the spans of records up to `through`, and of those that are being added. */
interface HeldSlice {
  readonly key: MetricsSliceKey;
  readonly counts: ServiceCounts;
  through: bigint;
}

type CountsOf = (key: MetricsSliceKey, offset: bigint) => ServiceCounts | undefined;

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

  /** Adds the spans of a record to the slices that `countsOf` gives for them. Tells how many belong to none, by their starts. */
  function countRecord(record: DerivedRecord, countsOf: CountsOf): number {
    const first = Math.floor((record.appendedAtMs - maxSpanAgeMs) / MINUTE_MS);
    const last = Math.floor((record.appendedAtMs + MAX_AHEAD_MS) / MINUTE_MS);
    let tooFar = 0;
    // Of the span before, which most often has the same.
    let knownService: string | undefined;
    let knownMinute = 0;
    let counts: ServiceCounts | undefined;
    visitSpans(record, (service, minute, operation, kindNumber, isError, nanos) => {
      if (minute < first || minute > last) {
        tooFar += 1;
        return;
      }
      if (service !== knownService || minute !== knownMinute) {
        const { tenant, partition, offset } = record;
        counts = countsOf({ tenant, source: `${log}/${partition}`, service, minute }, offset);
        knownService = service;
        knownMinute = minute;
      }
      counts?.addSpan(operation, kindNumber, isError, nanos);
    });
    return tooFar;
  }

  /** Slices that are not held, as they are stored or empty. */
  async function restore(keys: readonly MetricsSliceKey[], state: PartitionState, signal: AbortSignal): Promise<void> {
    for (const key of keys) state.held.set(nameOf(key), { key, counts: new ServiceCounts(), through: -1n });
    for (const stored of await store.getSlices(keys, signal)) {
      const held = state.held.get(nameOf(stored))!;
      held.counts.addMetrics(stored.operations);
      held.through = stored.through;
    }
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
      const changed = new Map<string, HeldSlice>();
      /** `undefined` where the slice goes further than the record. */
      const countsIn = (held: HeldSlice, name: string, offset: bigint) => {
        if (offset <= held.through) return undefined;
        changed.set(name, held);
        return held.counts;
      };
      const missing = new Map<string, MetricsSliceKey>();
      let tooFar = 0;
      for (const record of records)
        tooFar += countRecord(record, (key, offset) => {
          const name = nameOf(key);
          const held = state.held.get(name);
          if (held !== undefined) return countsIn(held, name, offset);
          missing.set(name, key);
          return undefined;
        });
      if (tooFar > 0) skipped.inc(tooFar);
      if (missing.size > 0) {
        await restore([...missing.values()], state, signal);
        // What was held has these records already.
        for (const record of records)
          countRecord(record, (key, offset) => {
            const name = nameOf(key);
            return missing.has(name) ? countsIn(state.held.get(name)!, name, offset) : undefined;
          });
      }
      for (const [name, held] of changed) {
        held.through = last.offset;
        // Moved to the end: those that are used least are forgotten first.
        state.held.delete(name);
        state.held.set(name, held);
      }
      const slices = [...changed.values()].map(
        ({ key, through, counts }): MetricsSlice => ({ ...key, through, operations: counts.operations() }),
      );
      const spans = records.reduce((sum, { spanCount }) => sum + spanCount, 0);
      if (slices.length > 0) await gathered.put(slices, spans, signal);
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
