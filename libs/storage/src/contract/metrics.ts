import { randomUUID } from 'node:crypto';
import { operationNameOf, SPAN_KINDS, type Span, serviceNameOf } from '@spoor/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricsQuery, MetricsSlice, ServiceMinute } from '../metrics/index.ts';
import { DurationHistogram, encodeOperations, ServiceCounts } from '../metrics/index.ts';
import { BEGINNING, SECOND, spanOf } from './spans.ts';
import type { CurrentStore } from './store.ts';
import { TenantOfTest } from './store.ts';
import type { StorageTraits } from './traits.ts';

const MINUTE = 60n * SECOND;
const FIRST_MINUTE = Number(BEGINNING / MINUTE);
const HOUR = { firstMinute: FIRST_MINUTE, lastMinute: FIRST_MINUTE + 59 };
const NEVER = new AbortController().signal;

export function describeMetrics(store: CurrentStore, { resolutionNanos: tick, scenarios }: StorageTraits): void {
  const read = async (query: MetricsQuery, { context }: TenantOfTest) =>
    legible(await store().metrics.readMetrics(query, context));

  describe('metrics', () => {
    test('calls, errors and durations by minute, operation and kind', async () => {
      const tenant = new TenantOfTest(store);
      const spans = [
        spanOf({ trace: 1, span: 1, duration: 2n * SECOND }),
        spanOf({ trace: 1, span: 2, duration: 3n * SECOND, start: MINUTE - tick }),
        spanOf({ trace: 1, span: 3, name: 'POST /', status: { code: 'error', message: '' } }),
        spanOf({ trace: 1, span: 4, kind: 'client' }),
        spanOf({ trace: 2, span: 5, duration: 0n, start: MINUTE }),
        spanOf({ trace: 2, span: 6, service: 'elsewhere' }),
      ];
      await tenant.write(spans);
      const minutes = await store().metrics.readMetrics({ services: ['shop'], ...HOUR }, tenant.context);
      expect(
        minutes.map(({ service, minute, operations }) => [service, minute - FIRST_MINUTE, operations.length]),
      ).toEqual([
        ['shop', 0, 3],
        ['shop', 1, 1],
      ]);
      expect(
        minutes[0]!.operations.map(({ operation, spanKind, errors, durations }) => [
          operation,
          spanKind,
          durations.count,
          errors,
        ]),
      ).toEqual([
        ['GET /', 'server', 2, 0],
        ['GET /', 'client', 1, 0],
        ['POST /', 'server', 1, 1],
      ]);
      const median = minutes[0]!.operations[0]!.durations.quantile(0.5);
      expect(median).toBeGreaterThan(1.8e9);
      expect(median).toBeLessThan(2.2e9);
      expect(minutes[1]!.operations[0]!.durations.quantile(1)).toBe(0);
    });

    test('of the services, kinds and minutes that are asked for, ends included', async () => {
      const tenant = new TenantOfTest(store);
      const kinds = ['server', 'consumer', 'client'] as const;
      const spans = kinds.flatMap((kind, k) =>
        ['a', 'b', 'c'].flatMap((service, s) =>
          [-1, 0, 1, 2, 3].map((minute, m) =>
            spanOf({ trace: 1, span: 1 + k * 100 + s * 10 + m, kind, service, start: BigInt(minute) * MINUTE }),
          ),
        ),
      );
      await tenant.write(spans);
      const query: MetricsQuery = {
        services: ['c', 'a', 'unknown'],
        spanKinds: ['server', 'consumer'],
        firstMinute: FIRST_MINUTE,
        lastMinute: FIRST_MINUTE + 2,
      };
      expect(await read(query, tenant)).toEqual(expected(query, spans));
      expect((await read(query, tenant)).length).toBe(6);
      expect(await read({ ...query, firstMinute: FIRST_MINUTE + 1, lastMinute: FIRST_MINUTE }, tenant)).toEqual([]);
    });

    test('are of one tenant', async () => {
      const tenant = new TenantOfTest(store);
      await tenant.write([spanOf({ trace: 1, span: 1 })]);
      expect(await read({ services: ['shop'], ...HOUR }, new TenantOfTest(store))).toEqual([]);
    });

    test('add up over batches, and outlive the process', async () => {
      const tenant = new TenantOfTest(store);
      const spans = [1, 2, 3, 4].map((span) => spanOf({ trace: span, span, duration: BigInt(span) * SECOND }));
      for (const span of spans) await tenant.write([span]);
      await store().reopen();
      const query = { services: ['shop'], ...HOUR };
      expect(await read(query, tenant)).toEqual(expected(query, spans));
    });

    test('of random spans are what counting them one by one gives', async () => {
      const arbitrarySpan = fc.record({
        service: fc.constantFrom('a', 'b'),
        name: fc.constantFrom('', 'GET /', 'a "quoted" näme'),
        kind: fc.constantFrom(...SPAN_KINDS),
        status: fc.constantFrom(
          { code: 'error' as const, message: '' },
          { code: 'ok' as const, message: '' },
          { code: 'unset' as const, message: '' },
        ),
        start: fc.bigInt({ min: 0n, max: 5n * MINUTE }).map((nanos) => (nanos / tick) * tick),
        duration: fc.bigInt({ min: 0n, max: MINUTE }).map((nanos) => (nanos / tick) * tick),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(arbitrarySpan, { maxLength: 8 }), { maxLength: 5 }), async (batches) => {
          const tenant = new TenantOfTest(store);
          let span = 0;
          const written = batches.map((batch) =>
            batch.map((sketch) => spanOf({ ...sketch, trace: 1, span: (span += 1) })),
          );
          for (const batch of written) if (batch.length > 0) await tenant.write(batch);
          const query = { services: ['a', 'b'], ...HOUR };
          expect(await read(query, tenant)).toEqual(expected(query, written.flat()));
        }),
        { seed: 20_26, numRuns: scenarios },
      );
    });

    describe('slices, where the store keeps them', () => {
      const slice = (tenant: TenantOfTest, source: string, through: bigint, calls: number): MetricsSlice => {
        const counts = new ServiceCounts();
        for (let i = 0; i < calls; i += 1) counts.addSpan('GET /', 2, false, 1e6);
        return {
          tenant: tenant.context.tenant,
          source,
          service: 'shop',
          minute: FIRST_MINUTE,
          through,
          operations: counts.operations(),
        };
      };
      const calls = async (tenant: TenantOfTest) =>
        (await store().metrics.readMetrics({ services: ['shop'], ...HOUR }, tenant.context))
          .flatMap(({ operations }) => operations)
          .reduce((sum, { durations }) => sum + durations.count, 0);

      test('the one that goes further stays, whoever writes last; sources add up', async () => {
        const { metricsSlices: slices } = store();
        if (slices === undefined) return;
        const tenant = new TenantOfTest(store);
        await slices.putSlices([slice(tenant, 'spans/0', 7n, 3), slice(tenant, 'spans/1', 2n, 10)], NEVER);
        await slices.putSlices([slice(tenant, 'spans/0', 5n, 2)], NEVER);
        expect(await calls(tenant)).toBe(13);
        await slices.putSlices([slice(tenant, 'spans/0', 9n, 4)], NEVER);
        await slices.putSlices([slice(tenant, 'spans/0', 9n, 4)], NEVER);
        expect(await calls(tenant)).toBe(14);
      });

      test('can be read back by their keys as soon as they are put', async () => {
        const { metricsSlices: slices } = store();
        if (slices === undefined) return;
        const tenant = new TenantOfTest(store);
        const source = `spans-${randomUUID()}/3`;
        const put = slice(tenant, source, 2n ** 60n, 5);
        const other = { ...slice(tenant, source, 1n, 1), service: 'a/b "c" ü' };
        const later = { ...put, minute: FIRST_MINUTE + 3 * 1440 };
        await slices.putSlices([put, other, later], NEVER);
        const missing = [
          { ...put, source: `${source}0` },
          { ...put, minute: put.minute + 1 },
          { ...put, tenant: 'another' },
        ];
        const found = await slices.getSlices([put, other, later, ...missing], NEVER);
        const told = (all: readonly MetricsSlice[]) =>
          all
            .map(({ operations, through, tenant, source, service, minute }) =>
              JSON.stringify([tenant, source, service, minute, String(through), encodeOperations(operations)]),
            )
            .sort();
        expect(told(found)).toEqual(told([put, other, later]));
        expect(await slices.getSlices([], NEVER)).toEqual([]);
      });
    });
  });
}

/** Each span counted by itself. */
function expected({ services, spanKinds, firstMinute, lastMinute }: MetricsQuery, spans: readonly Span[]) {
  const minutes = new Map<
    string,
    { service: string; minute: number; operations: Map<string, { errors: number; durations: DurationHistogram }> }
  >();
  for (const span of spans) {
    const service = serviceNameOf(span.resource);
    const minute = Number(span.startTimeUnixNano / MINUTE);
    if (!services.includes(service) || minute < firstMinute || minute > lastMinute) continue;
    if (spanKinds !== undefined && !spanKinds.includes(span.kind)) continue;
    const one = minutes.get(`${service} ${minute}`) ?? { service, minute, operations: new Map() };
    minutes.set(`${service} ${minute}`, one);
    const key = JSON.stringify([operationNameOf(span), SPAN_KINDS.indexOf(span.kind)]);
    const counted = one.operations.get(key) ?? { errors: 0, durations: new DurationHistogram() };
    one.operations.set(key, counted);
    if (span.status.code === 'error') counted.errors += 1;
    counted.durations.add(Number(span.endTimeUnixNano - span.startTimeUnixNano));
  }
  const byText = (a: string, b: string) => (a < b ? -1 : 1);
  return [...minutes.values()]
    .sort((a, b) => (a.service === b.service ? a.minute - b.minute : byText(a.service, b.service)))
    .map(({ service, minute, operations }) => ({
      service,
      minute,
      operations: [...operations]
        .map(([key, { errors, durations }]) => {
          const [operation, kind] = JSON.parse(key) as [string, number];
          return { operation, kind, errors, buckets: durations.toArray() };
        })
        .sort((a, b) => (a.operation === b.operation ? a.kind - b.kind : byText(a.operation, b.operation)))
        .map(({ operation, kind, ...rest }) => ({ operation, spanKind: SPAN_KINDS[kind]!, ...rest })),
    }));
}

function legible(minutes: readonly ServiceMinute[]) {
  return minutes.map(({ service, minute, operations }) => ({
    service,
    minute,
    operations: operations.map(({ operation, spanKind, errors, durations }) => ({
      operation,
      spanKind,
      errors,
      buckets: durations.toArray(),
    })),
  }));
}
