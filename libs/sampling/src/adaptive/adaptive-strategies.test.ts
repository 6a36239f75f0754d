import type { Span } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { LeaseStore, SamplingStore } from '@spoor/storage';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSpanGenerator } from '../../../../test/fixtures/spans.ts';
import { type AdaptiveStrategies, openAdaptiveStrategies } from './adaptive-strategies.ts';
import { type AdaptiveConfig, adaptiveConfig } from './config.ts';
import { createMemoryLeaseStore, createMemorySamplingStore } from './memory-store.ts';
import { ThroughputCounter } from './throughput.ts';

const clock = { nowMs: () => Date.now() };
const NEVER = new AbortController().signal;
const opened: AdaptiveStrategies[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-02T00:00:00Z') });
});

afterEach(async () => {
  for (const strategies of opened.splice(0)) await strategies.stop(NEVER);
  vi.useRealTimers();
});

function open(store: SamplingStore, leases: LeaseStore, owner: string, settings: Partial<AdaptiveConfig> = {}) {
  const strategies = openAdaptiveStrategies(
    { ...adaptiveConfig.parse(undefined), ...settings },
    { store, leases, owner, clock, logger: pino({ level: 'silent' }), random: () => 0 },
  );
  opened.push(strategies);
  return strategies;
}

const [template] = createSpanGenerator({ seed: 1 }).spans(1);

function rootSpan(operation: string, attributes: Record<string, string | number>, parentSpanId = ''): Span {
  return {
    ...template!,
    name: operation,
    parentSpanId,
    resource: { ...template!.resource, attributes: [{ key: 'service.name', value: 'shop' }] },
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
  };
}

async function rateOf(strategies: AdaptiveStrategies, operation: string): Promise<number> {
  const { operationSampling } = await strategies.strategyFor('shop');
  const own = operationSampling?.perOperationStrategies.find((one) => one.operation === operation);
  return own?.samplingRate ?? operationSampling?.defaultSamplingProbability ?? Number.NaN;
}

test('an unknown service is told the initial probability and the lower bound', async () => {
  const strategies = open(createMemorySamplingStore(clock), createMemoryLeaseStore(clock), 'a');
  expect(await strategies.strategyFor('nobody')).toEqual({
    type: 'probabilistic',
    samplingRate: 0.001,
    operationSampling: {
      defaultSamplingProbability: 0.001,
      defaultLowerBoundTracesPerSecond: 1 / 60,
      perOperationStrategies: [],
      defaultUpperBoundTracesPerSecond: 0,
    },
  });
});

test('operations of very different traffic converge to the target, over two collectors', async () => {
  const store = createMemorySamplingStore(clock);
  const leases = createMemoryLeaseStore(clock);
  const collectors = [open(store, leases, 'a'), open(store, leases, 'b')];
  for (const collector of collectors) await collector.start();
  // Requests a second that clients serve; they sample with what they are told.
  const traffic = { busy: 2_000, common: 40, rare: 0.5 };
  const sampled: Record<string, number> = {};
  for (let minute = 0; minute < 40; minute += 1) {
    for (const [operation, perSecond] of Object.entries(traffic)) {
      const probability = await rateOf(collectors[1]!, operation);
      const count = Math.round(perSecond * 60 * probability);
      sampled[operation] = count / 60;
      const tags = { 'sampler.type': 'probabilistic', 'sampler.param': probability };
      const spans = Array.from({ length: Math.max(1, count) }, () =>
        rootSpan(operation, count === 0 ? { ...tags, 'sampler.type': 'lowerbound' } : tags),
      );
      collectors[minute % 2]!.observe(encodeTraces(spans));
    }
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(sampled['busy']).toBeGreaterThan(0.7);
  expect(sampled['busy']).toBeLessThan(1.3);
  expect(sampled['common']).toBeGreaterThan(0.7);
  expect(sampled['common']).toBeLessThan(1.3);
  // There is no more to sample than there is.
  expect(await rateOf(collectors[0]!, 'rare')).toBe(1);
  for (const operation of Object.keys(traffic))
    expect(await rateOf(collectors[0]!, operation)).toBe(await rateOf(collectors[1]!, operation));
});

test('another collector calculates when the one with the lease is gone', async () => {
  const store = createMemorySamplingStore(clock);
  const insert = vi.spyOn(store, 'insertProbabilities');
  const leases = createMemoryLeaseStore(clock);
  const [first, second] = [open(store, leases, 'a'), open(store, leases, 'b')];
  await first.start();
  await second.start();
  const ownersOf = () => new Set(insert.mock.calls.splice(0).map(([owner]) => owner));
  await vi.advanceTimersByTimeAsync(300_000);
  expect(ownersOf()).toEqual(new Set(['a']));
  await first.stop(NEVER);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(ownersOf()).toEqual(new Set(['b']));
});

test('while the store is away what was known is told, and no count is lost', async () => {
  const store = createMemorySamplingStore(clock);
  const strategies = open(store, createMemoryLeaseStore(clock), 'a');
  await strategies.start();
  const away = vi
    .spyOn(store, 'insertThroughput')
    .mockRejectedValue(new SpoorError('SPOOR_STORAGE_UNAVAILABLE', 'away'));
  const span = rootSpan('op', { 'sampler.type': 'probabilistic', 'sampler.param': 0.001 });
  strategies.observe(encodeTraces([span, span, span]));
  await vi.advanceTimersByTimeAsync(120_000);
  expect(away.mock.calls.length).toBeGreaterThan(1);
  expect(await rateOf(strategies, 'op')).toBe(0.001);
  away.mockRestore();
  const insert = vi.spyOn(store, 'insertThroughput');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(insert.mock.calls[0]?.[0]).toEqual([
    { service: 'shop', operation: 'op', count: 3, probabilities: ['0.001000'] },
  ]);
});

test('only root spans that say how they were sampled count', () => {
  const counter = new ThroughputCounter();
  const chance = { 'sampler.type': 'probabilistic', 'sampler.param': 0.25 };
  counter.countSpans(
    encodeTraces([
      rootSpan('a', chance),
      rootSpan('a', { ...chance, 'sampler.param': '0.5' }),
      rootSpan('a', chance, '1'.repeat(16)),
      rootSpan('b', { 'sampler.type': 'lowerbound', 'sampler.param': 0.125 }),
      rootSpan('c', { 'sampler.type': 'probabilistic' }),
      rootSpan('d', { 'sampler.type': 'remote', 'sampler.param': 1 }),
      rootSpan('e', {}),
    ]),
  );
  expect(counter.drain()).toEqual([
    { service: 'shop', operation: 'a', count: 2, probabilities: ['0.250000', '0.500000'] },
    { service: 'shop', operation: 'b', count: 0, probabilities: ['0.125000'] },
  ]);
  expect(counter.drain()).toEqual([]);
  for (let i = 0; i < 20; i += 1) counter.record('s', 'o', 'probabilistic', i / 100);
  for (let i = 0; i < 20_000; i += 1) counter.record('s', `o${i}`, 'probabilistic', 0.5);
  const drained = counter.drain();
  expect([drained.length, drained[0]?.probabilities.length]).toEqual([10_000, 10]);
});
