import type { OperationProbability, OperationThroughput } from '@spoor/storage';
import { keyOf, probabilityText } from './throughput.ts';

export interface CalculationOptions {
  readonly targetSamplesPerSecond: number;
  readonly deltaTolerance: number;
  readonly aggregationBuckets: number;
  readonly calculationBuckets: number;
  readonly initialSamplingProbability: number;
  readonly minSamplingProbability: number;
}

interface Bucket {
  readonly seconds: number;
  readonly operations: ReadonlyMap<string, OperationThroughput>;
}

interface Round {
  readonly probability: number;
  readonly isAdaptive: boolean;
}

/** By how much a probability may grow at once, as a share of it. It may fall at once to what it must be. */
const MAX_INCREASE = 1;
/** Rounds that are remembered of what was found to be sampled adaptively. */
const MAX_ROUNDS = 25;
const EPSILON = 1e-10;

/** Calculates from the throughput of each operation with which probability it is to be sampled (CONTRACT §3.4). */
export class ProbabilityCalculator {
  private readonly options: CalculationOptions;
  /** Newest first. */
  private readonly buckets: Bucket[] = [];
  private readonly rounds: Map<string, Round>[] = [];
  private probabilities = new Map<string, OperationProbability>();

  constructor(options: CalculationOptions) {
    this.options = options;
  }

  /** What all collectors counted in one interval, which ends later than those before. */
  addBucket(throughput: readonly OperationThroughput[], seconds: number): void {
    const operations = new Map<string, OperationThroughput>();
    for (const row of throughput) {
      const key = keyOf(row.service, row.operation);
      const other = operations.get(key);
      operations.set(key, other === undefined ? row : merged(other, row));
    }
    this.buckets.unshift({ seconds, operations });
    this.buckets.length = Math.min(this.buckets.length, this.options.aggregationBuckets);
  }

  /** What was calculated last, here or by the collector that had the lease. */
  setProbabilities(probabilities: readonly OperationProbability[]): void {
    this.probabilities = new Map(probabilities.map((one) => [keyOf(one.service, one.operation), one]));
  }

  /** For every operation of the buckets. */
  calculate(): readonly OperationProbability[] {
    const round = new Map<string, Round>();
    const previous = this.rounds[0];
    this.rounds.unshift(round);
    this.rounds.length = Math.min(this.rounds.length, MAX_ROUNDS);
    const calculated = [...this.rates()].map(([key, { service, operation, rates }]): OperationProbability => {
      const qps = weightedMean(rates);
      const before = this.probabilities.get(key)?.probability ?? this.options.initialSamplingProbability;
      const isAdaptive = this.isAdaptive(key, before, previous);
      round.set(key, { probability: before, isAdaptive });
      return { service, operation, qps, probability: isAdaptive ? this.adjusted(before, qps) : before };
    });
    this.setProbabilities(calculated);
    return calculated;
  }

  /** Of each operation, root spans a second in its newest buckets, newest first. */
  private rates() {
    const found = new Map<string, { service: string; operation: string; rates: number[] }>();
    for (const { seconds, operations } of this.buckets) {
      for (const [key, { service, operation, count }] of operations) {
        const entry = found.get(key) ?? { service, operation, rates: [] };
        found.set(key, entry);
        if (entry.rates.length < this.options.calculationBuckets) entry.rates.push(count / seconds);
      }
    }
    return found;
  }

  private adjusted(before: number, qps: number): number {
    const { targetSamplesPerSecond: target, deltaTolerance, minSamplingProbability } = this.options;
    if (Math.abs(qps - target) / target < deltaTolerance) return before;
    // Nothing was sampled: with twice the probability something may be.
    const factor = isEqual(qps, 0) ? 2 : Math.min(target / qps, 1 + MAX_INCREASE);
    return Math.min(1, Math.max(minSamplingProbability, before * factor));
  }

  /** Whether clients use what they are told: others sample as they like, and would drive a probability without end. */
  private isAdaptive(key: string, probability: number, previous: ReadonlyMap<string, Round> | undefined): boolean {
    const { initialSamplingProbability } = this.options;
    if (isEqual(probability, initialSamplingProbability)) return true;
    const latest = this.buckets[0]?.operations.get(key);
    if (latest !== undefined) return latest.probabilities.includes(probabilityText(probability));
    const before = previous?.get(key);
    return before?.isAdaptive === true && !isEqual(before.probability, initialSamplingProbability);
  }
}

/** The newest counts most: with the fourth power of its place from the end. */
function weightedMean(newestFirst: readonly number[]): number {
  const weights = newestFirst.map((_, index) => (newestFirst.length - index) ** 4);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return newestFirst.reduce((mean, value, index) => mean + (value * weights[index]!) / sum, 0);
}

function merged(a: OperationThroughput, b: OperationThroughput): OperationThroughput {
  return { ...a, count: a.count + b.count, probabilities: [...new Set([...a.probabilities, ...b.probabilities])] };
}

function isEqual(a: number, b: number): boolean {
  return Math.abs(a - b) < EPSILON;
}
