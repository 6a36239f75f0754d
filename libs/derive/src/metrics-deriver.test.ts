import type { Span } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import {
  decodeOperations,
  encodeOperations,
  MAX_OPERATIONS,
  type MetricsSlice,
  type MetricsSliceStore,
  OTHER_OPERATIONS,
} from '@spoor/storage';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createSpanGenerator } from '../../../test/fixtures/spans.ts';
import { createMetricsDeriver, type DerivedRecord } from './metrics-deriver.ts';

const NEVER = new AbortController().signal;
const NOW_MS = 1_767_225_600_000;
const DAY_MS = 86_400_000;

const [template] = createSpanGenerator({ seed: 7 }).spans(1);

function spanAt(startMs: number, changes: Partial<Span> = {}): Span {
  const start = BigInt(startMs) * 1_000_000n;
  return { ...template!, startTimeUnixNano: start, endTimeUnixNano: start + 5_000_000n, ...changes };
}

function recordOf(offset: number, spans: readonly Span[]): DerivedRecord {
  const bytes = encodeTraces(spans);
  const batch = { tenant: 'default', encoding: 'otlp_proto', spanCount: spans.length, bytes } as const;
  return { ...batch, partition: 0, offset: BigInt(offset), appendedAtMs: NOW_MS };
}

/** Keeps the slice that goes furthest, as every store does. `fails` decides before each put what becomes of it. */
function sliceStore(fails: () => 'no' | 'before' | 'after' = () => 'no') {
  const slices = new Map<string, Omit<MetricsSlice, 'operations'> & { readonly text: string }>();
  const keyOf = ({ tenant, source, service, minute }: Omit<MetricsSlice, 'through' | 'operations'>) =>
    JSON.stringify([tenant, source, service, minute]);
  const store: MetricsSliceStore = {
    getSlices: async (keys) =>
      keys
        .flatMap((key) => slices.get(keyOf(key)) ?? [])
        .map(({ text, ...slice }) => ({ ...slice, operations: decodeOperations(text) })),
    async putSlices(put) {
      const failure = fails();
      if (failure === 'before') throw new Error('the store is away');
      for (const { operations, ...slice } of put) {
        const known = slices.get(keyOf(slice));
        if (known === undefined || known.through <= slice.through)
          slices.set(keyOf(slice), { ...slice, text: encodeOperations(operations) });
      }
      if (failure === 'after') throw new Error('the answer was lost');
    },
  };
  const calls = () =>
    [...slices.values()]
      .flatMap(({ text }) => decodeOperations(text))
      .reduce((sum, one) => sum + one.durations.count, 0);
  const legible = () => [...slices].map(([key, { text }]) => `${key} ${text}`).sort();
  return { store, slices, calls, legible };
}

function deriverOn(slices: MetricsSliceStore, { maxSlices = 100, maxSpanAgeMs = DAY_MS } = {}) {
  const metrics = new Registry();
  const deriver = createMetricsDeriver({ log: 'spans', maxSpanAgeMs, maxSlices }, { slices, metrics });
  const skipped = async () =>
    (await metrics.getSingleMetric('spoor_metrics_spans_skipped_total')?.get())?.values[0]?.value ?? 0;
  return { deriver, skipped };
}

test('each record counts once, whoever takes over where, whatever fails, however little is held', async () => {
  const serviceOf = (name: string) => ({
    ...template!.resource,
    attributes: [{ key: 'service.name', value: name }],
  });
  const arbitraryLog = fc.array(
    fc.array(
      fc.record({ service: fc.constantFrom('a', 'b', 'c'), minute: fc.nat(3), name: fc.constantFrom('x', 'y') }),
      { minLength: 1, maxLength: 4 },
    ),
    { minLength: 1, maxLength: 12 },
  );
  const step = fc.record({
    owner: fc.nat(2),
    count: fc.integer({ min: 1, max: 4 }),
    failure: fc.constantFrom('no' as const, 'no' as const, 'before' as const, 'after' as const),
    /** Whether the offset is committed, if all goes well. */
    commits: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(arbitraryLog, fc.array(step, { maxLength: 15 }), async (log, steps) => {
      const records = log.map((spans, offset) =>
        recordOf(
          offset,
          spans.map(({ service, minute, name }) =>
            spanAt(NOW_MS - minute * 60_000, { name, resource: serviceOf(service) }),
          ),
        ),
      );
      const plain = sliceStore();
      await deriverOn(plain.store).deriver.add(records, NEVER);

      let failure: 'no' | 'before' | 'after' = 'no';
      const shaken = sliceStore(() => failure);
      const owners = [0, 1, 2].map(() => deriverOn(shaken.store, { maxSlices: 2 }).deriver);
      let committed = 0;
      // The last one brings it to an end.
      for (const { owner, count, commits, ...rest } of [
        ...steps,
        { owner: 0, count: 12, failure: 'no' as const, commits: true },
      ]) {
        failure = rest.failure;
        const delivery = records.slice(committed, committed + count);
        try {
          await owners[owner]!.add(delivery, NEVER);
        } catch {
          continue;
        }
        if (commits) committed += delivery.length;
      }
      failure = 'no';
      await owners[1]!.add(records.slice(committed), NEVER);
      expect(shaken.legible()).toEqual(plain.legible());
    }),
    { seed: 20_26, numRuns: 200 },
  );
});

test('what a late owner still puts changes nothing', async () => {
  const { store, calls } = sliceStore();
  const records = [0, 1, 2].map((offset) => recordOf(offset, [spanAt(NOW_MS)]));
  await deriverOn(store).deriver.add(records, NEVER);
  await deriverOn(store).deriver.add(records.slice(0, 1), NEVER);
  expect(calls()).toBe(3);
});

test('spans that start too early or too late are not counted, and that is told', async () => {
  const { store, calls } = sliceStore();
  const { deriver, skipped } = deriverOn(store);
  const starts = [0, NOW_MS - DAY_MS - 60_000, NOW_MS - DAY_MS, NOW_MS + 600_000, NOW_MS + 660_000, 8e12];
  await deriver.add(
    [
      recordOf(
        0,
        starts.map((ms) => spanAt(ms)),
      ),
    ],
    NEVER,
  );
  expect(calls()).toBe(2);
  expect(await skipped()).toBe(4);
});

test('operations without end are counted together beyond a bound, also when the slice comes back from the store', async () => {
  const { store, slices, calls } = sliceStore();
  const half = MAX_OPERATIONS / 2 + 10;
  for (const [offset, from] of [0, half].entries()) {
    const spans = Array.from({ length: half }, (_, i) => spanAt(NOW_MS, { name: `GET /${from + i}` }));
    await deriverOn(store).deriver.add([recordOf(offset, spans)], NEVER);
  }
  expect(calls()).toBe(2 * half);
  const [slice] = slices.values();
  const operations = decodeOperations(slice?.text ?? '');
  expect(operations.length).toBe(MAX_OPERATIONS + 1);
  expect(operations.find(({ operation }) => operation === OTHER_OPERATIONS)?.durations.count).toBe(20);
});

test('which operations are counted by name does not depend on who counts, and in how many deliveries', async () => {
  const names = (from: number) =>
    Array.from({ length: MAX_OPERATIONS / 2 + 10 }, (_, i) => `GET /${(i * 7) % (MAX_OPERATIONS / 2 + 10)}/${from}`);
  const records = [0, 1, 2].map((offset) =>
    recordOf(
      offset,
      names(offset).map((name) => spanAt(NOW_MS, { name })),
    ),
  );
  const [together, held, restored] = [sliceStore(), sliceStore(), sliceStore()];
  await deriverOn(together.store).deriver.add(records, NEVER);
  const { deriver } = deriverOn(held.store);
  for (const record of records) await deriver.add([record], NEVER);
  for (const record of records) await deriverOn(restored.store).deriver.add([record], NEVER);
  expect(held.legible()).toEqual(together.legible());
  expect(restored.legible()).toEqual(together.legible());
});
