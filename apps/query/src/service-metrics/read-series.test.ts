import { DEFAULT_TENANT, type Span } from '@spoor/model';
import { DurationHistogram, ServiceCounts } from '@spoor/storage';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryMetrics } from '../test/memory-metrics.ts';
import { MS, NOON, resource, span } from '../test/spans.ts';
import { type MetricsQuestion, MINUTE_MS } from './question.ts';
import { readSeries } from './read-series.ts';
import type { Series } from './sliding-window.ts';
import { callRate, errorRate, latency, type Measure } from './tallies.ts';

const NOON_MS = Number(NOON / MS);
const context = { tenant: DEFAULT_TENANT, signal: new AbortController().signal };

/** A measure and what it is of the spans of a window, counted one by one. */
const measures: readonly [string, Measure, (spans: readonly Span[], seconds: number) => number][] = [
  ['calls', callRate, (spans, seconds) => spans.length / seconds],
  ['errors', errorRate, (spans) => spans.filter(({ status }) => status.code === 'error').length / spans.length],
  ['latencies', latency(0.75), (spans) => histogramOf(spans).quantile(0.75) / 1e6],
];

function histogramOf(spans: readonly Span[]): DurationHistogram {
  const histogram = new DurationHistogram();
  for (const { startTimeUnixNano, endTimeUnixNano } of spans)
    histogram.add(Number(endTimeUnixNano - startTimeUnixNano));
  return histogram;
}

const services = ['a', 'b', 'c'];
const arbitrarySpan = fc
  .record({
    service: fc.constantFrom(...services, 'not asked for'),
    name: fc.constantFrom('GET /', 'POST /', 'sweep'),
    kind: fc.constantFrom('server' as const, 'client' as const, 'consumer' as const),
    code: fc.constantFrom('error' as const, 'ok' as const, 'unset' as const),
    startMs: fc.integer({ min: -30 * MINUTE_MS, max: 10 * MINUTE_MS }),
    durationMs: fc.integer({ min: 0, max: 10_000 }),
  })
  .map(({ service, name, kind, code, startMs, durationMs }) => {
    const startTimeUnixNano = NOON + BigInt(startMs) * MS;
    return span({
      name,
      kind,
      startTimeUnixNano,
      endTimeUnixNano: startTimeUnixNano + BigInt(durationMs) * MS,
      status: { code, message: '' },
      resource: resource(service),
    });
  });
const arbitraryQuestion = fc
  .record({
    services: fc.subarray(services, { minLength: 1 }),
    spanKinds: fc.subarray(['server', 'client'] as const, { minLength: 1 }),
    byOperation: fc.boolean(),
    endMs: fc.integer({ min: NOON_MS - 5 * MINUTE_MS, max: NOON_MS + 12 * MINUTE_MS }),
    stepMs: fc.oneof(fc.integer({ min: 7_000, max: 15 * MINUTE_MS }), fc.constant(MINUTE_MS)),
    points: fc.integer({ min: 1, max: 40 }),
    windowMinutes: fc.integer({ min: 1, max: 15 }),
  })
  .map(({ endMs, stepMs, points, ...question }) => ({
    ...question,
    pointsMs: Array.from({ length: points }, (_, index) => endMs - (points - 1 - index) * stepMs),
  }));

/** Each point by itself, from the spans themselves. */
function slowly(
  spans: readonly Span[],
  { services: asked, spanKinds, byOperation, pointsMs, windowMinutes }: MetricsQuestion,
  value: (spans: readonly Span[], seconds: number) => number,
) {
  const windows = pointsMs.map((pointMs) => {
    const end = NOON_MS + Math.floor((pointMs - NOON_MS) / MINUTE_MS) * MINUTE_MS;
    return { from: BigInt(end - windowMinutes * MINUTE_MS) * MS, to: BigInt(end) * MS };
  });
  const isIn = ({ startTimeUnixNano }: Span, { from, to }: (typeof windows)[number]) =>
    startTimeUnixNano >= from && startTimeUnixNano < to;
  return [...asked].sort().flatMap((service) => {
    const ofService = spans.filter((one) => {
      const isAsked = spanKinds.includes(one.kind) && one.resource.attributes[0]?.value === service;
      return isAsked && windows.some((window) => isIn(one, window));
    });
    const operations = byOperation ? [...new Set(ofService.map(({ name }) => name))].sort() : [undefined];
    return operations
      .map((operation) => ofService.filter(({ name }) => operation === undefined || name === operation))
      .filter((called) => called.length > 0)
      .map((called) => ({
        service,
        operation: byOperation ? called[0]!.name : undefined,
        values: windows.map((window) =>
          value(
            called.filter((one) => isIn(one, window)),
            windowMinutes * 60,
          ),
        ),
      }));
  });
}

function legible(all: readonly Series[]) {
  return all.map(({ service, operation, values }) => ({ service, operation, values: [...values] }));
}

test.each(measures)('%s are what counting the spans of each window gives', async (_name, measure, value) => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitrarySpan, { maxLength: 60 }), arbitraryQuestion, async (spans, question) => {
      const answer = await readSeries(new MemoryMetrics(spans), question, measure, context);
      expect(legible(answer)).toEqual(slowly(spans, question, value));
    }),
    { seed: 11, numRuns: 150 },
  );
});

test('a long time is read in pieces, no minute twice, and minutes between the windows not at all', async () => {
  const asked = async (question: Partial<MetricsQuestion>) => {
    const metrics = new MemoryMetrics([span({ kind: 'server', startTimeUnixNano: NOON - 1n })]);
    const whole = { services: ['shop'], spanKinds: ['server'], byOperation: false, windowMinutes: 10, ...question };
    const answer = await readSeries(metrics, { pointsMs: [NOON_MS], ...whole } as MetricsQuestion, callRate, context);
    const read = metrics.queries.map(({ firstMinute, lastMinute }) => [
      firstMinute - NOON_MS / MINUTE_MS,
      lastMinute - NOON_MS / MINUTE_MS,
    ]);
    return { last: answer[0]?.values.at(-1), read };
  };
  const pointsMs = (count: number, stepMinutes: number) =>
    Array.from({ length: count }, (_, index) => NOON_MS - (count - 1 - index) * stepMinutes * MINUTE_MS);
  expect(await asked({ pointsMs: pointsMs(500, 1) })).toEqual({
    last: 1 / 600,
    read: [
      [-509, -270],
      [-269, -30],
      [-29, -1],
    ],
  });
  const { read: ofTwo } = await asked({ services: ['shop', 'other'], pointsMs: pointsMs(200, 1) });
  expect(ofTwo).toEqual([
    [-209, -90],
    [-89, -1],
  ]);
  expect(await asked({ pointsMs: pointsMs(2, 24 * 60) })).toEqual({
    last: 1 / 600,
    read: [
      [-1450, -1211],
      [-10, -1],
    ],
  });
  expect((await asked({ pointsMs: [0, 1] })).read).toEqual([]);
  expect((await asked({ pointsMs: [] })).read).toEqual([]);
});

test('a question that nobody waits for any more is not read on', async () => {
  const metrics = new MemoryMetrics();
  const question: MetricsQuestion = {
    services: ['shop'],
    spanKinds: ['server'],
    byOperation: false,
    pointsMs: [NOON_MS - 10_000 * MINUTE_MS, NOON_MS],
    windowMinutes: 1,
  };
  const controller = new AbortController();
  const reader = {
    async readMetrics(...asked: Parameters<MemoryMetrics['readMetrics']>) {
      controller.abort(new Error('gone'));
      return metrics.readMetrics(...asked);
    },
  };
  const { tenant } = context;
  await expect(readSeries(reader, question, callRate, { tenant, signal: controller.signal })).rejects.toThrow('gone');
  expect(metrics.queries).toHaveLength(1);
});

test('others get their turns while much is added up', async () => {
  const minutes = Array.from({ length: 20 }, (_, index) => {
    const counts = new ServiceCounts(3_000);
    for (let operation = 0; operation < 3_000; operation += 1) counts.addSpan(`GET /${operation}`, 2, false, 1e6);
    return { service: 'shop', minute: NOON_MS / MINUTE_MS - 20 + index, operations: counts.operations() };
  });
  let turns = 0;
  const count = () => {
    turns += 1;
    others = setImmediate(count);
  };
  let others = setImmediate(count);
  const answer = await readSeries(
    { readMetrics: async () => minutes },
    { services: ['shop'], spanKinds: ['server'], byOperation: true, pointsMs: [NOON_MS], windowMinutes: 20 },
    callRate,
    context,
  );
  clearImmediate(others);
  expect(turns).toBeGreaterThanOrEqual(5);
  expect(answer).toHaveLength(3_000);
  expect(answer.every(({ values }) => values[0] === 20 / 1_200)).toBe(true);
});
