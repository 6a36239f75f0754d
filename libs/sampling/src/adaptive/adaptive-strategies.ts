import type { Clock } from '@spoor/model';
import type { LeaseStore, OperationProbability, SamplingStore } from '@spoor/storage';
import type { Logger } from 'pino';
import type { OperationStrategy, SamplingStrategies, SamplingStrategy } from '../strategy.ts';
import { ProbabilityCalculator } from './calculation.ts';
import type { AdaptiveConfig } from './config.ts';
import { Leadership } from './leadership.ts';
import { ThroughputCounter } from './throughput.ts';

export interface AdaptiveDependencies {
  readonly store: SamplingStore;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of this process: its name in the leases and beside its probabilities. */
  readonly owner: string;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export type AdaptiveStrategies = Required<SamplingStrategies>;

/** At least so often those who do not calculate read what was calculated; the first time after half of it or more. */
const MAX_FOLLOWER_REFRESH_MS = 20_000;

/**
 * Samples every operation so that it has as many traces a second as it should (CONTRACT §3.4). Collectors tell one another
 * through the store how many root spans they saw; the one with the lease calculates, the others read what it found. While
 * the store is away clients are told what was known last.
 */
export function openAdaptiveStrategies(config: AdaptiveConfig, deps: AdaptiveDependencies): AdaptiveStrategies {
  const { store, clock, logger, owner, random = Math.random } = deps;
  const counter = new ThroughputCounter();
  const calculator = new ProbabilityCalculator(config);
  const leadership = new Leadership(deps.leases, { ...config, owner }, logger);
  const stopping = new AbortController();
  const { signal } = stopping;
  const timers = new Set<NodeJS.Timeout>();
  let working: Promise<void> = Promise.resolve();
  let strategies: ReadonlyMap<string, SamplingStrategy> = new Map();
  let checkedUntilMs = 0;

  const strategyWith = (perOperationStrategies: readonly OperationStrategy[]): SamplingStrategy => ({
    type: 'probabilistic',
    samplingRate: config.initialSamplingProbability,
    operationSampling: {
      defaultSamplingProbability: config.initialSamplingProbability,
      defaultLowerBoundTracesPerSecond: config.minSamplesPerSecond,
      perOperationStrategies,
      defaultUpperBoundTracesPerSecond: 0,
    },
  });
  const unknownService = strategyWith([]);

  function tell(probabilities: readonly OperationProbability[]): void {
    const byService = Map.groupBy(probabilities, ({ service }) => service);
    strategies = new Map(
      [...byService].map(([service, operations]) => [
        service,
        strategyWith(operations.map(({ operation, probability }) => ({ operation, samplingRate: probability }))),
      ]),
    );
  }

  async function writeOwn(): Promise<void> {
    const throughput = counter.drain();
    if (throughput.length === 0) return;
    try {
      await store.insertThroughput(throughput, signal);
    } catch (error) {
      counter.restore(throughput);
      throw error;
    }
  }

  /** The throughput of the intervals before, so that who gets the lease knows it. */
  async function readPast(): Promise<void> {
    const { calculationInterval, calculationDelay, aggregationBuckets } = config;
    checkedUntilMs = clock.nowMs() - calculationDelay;
    for (let bucket = aggregationBuckets; bucket > 0; bucket -= 1) {
      const afterMs = checkedUntilMs - bucket * calculationInterval;
      const throughput = await store.getThroughput(afterMs, afterMs + calculationInterval, signal);
      if (throughput.length > 0) calculator.addBucket(throughput, calculationInterval / 1000);
    }
  }

  async function calculate(): Promise<void> {
    await writeOwn();
    const untilMs = clock.nowMs() - config.calculationDelay;
    if (untilMs <= checkedUntilMs) return;
    const throughput = await store.getThroughput(checkedUntilMs, untilMs, signal);
    calculator.addBucket(throughput, (untilMs - checkedUntilMs) / 1000);
    checkedUntilMs = untilMs;
    if (!leadership.isLeader()) return;
    const calculated = calculator.calculate();
    tell(calculated);
    await store.insertProbabilities(owner, calculated, signal);
  }

  async function follow(): Promise<void> {
    if (leadership.isLeader()) return;
    const latest = await store.getLatestProbabilities(signal);
    calculator.setProbabilities(latest);
    tell(latest);
  }

  /** Runs it again and again; one piece of work at a time. */
  function repeat(what: string, work: () => Promise<void>, firstMs: number, everyMs: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      working = working
        .then(() => attempt(what, work))
        .finally(() => {
          if (!signal.aborted) repeat(what, work, everyMs, everyMs);
        });
    }, firstMs).unref();
    timers.add(timer);
  }

  async function attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      if (!signal.aborted) await work();
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, `adaptive sampling could not ${what}; it will be tried again`);
    }
  }

  return {
    name: 'sampling strategies',
    strategyFor: async (service) => strategies.get(service) ?? unknownService,
    observe(bytes) {
      try {
        counter.countSpans(bytes);
      } catch (error) {
        logger.warn({ err: error }, 'root spans could not be counted');
      }
    },
    async start() {
      // The store may come later: nothing here waits for it.
      working = leadership
        .start()
        .then(() => attempt('read what was calculated', follow))
        .then(() => attempt('read the throughput of the past', readPast));
      repeat('calculate', calculate, config.calculationInterval, config.calculationInterval);
      const refreshMs = Math.min(MAX_FOLLOWER_REFRESH_MS, config.calculationInterval);
      repeat('read what was calculated', follow, refreshMs * (0.5 + random() / 2), refreshMs);
    },
    async stop(stopSignal) {
      if (signal.aborted) return;
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
      await working;
      try {
        const throughput = counter.drain();
        if (throughput.length > 0) await store.insertThroughput(throughput, stopSignal);
        await leadership.stop(stopSignal);
      } catch (error) {
        logger.warn({ err: error }, 'adaptive sampling could not write its last counts');
      }
    },
  };
}
