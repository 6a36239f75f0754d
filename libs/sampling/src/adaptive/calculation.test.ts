import type { OperationThroughput } from '@spoor/storage';
import { expect, test } from 'vitest';
import { type CalculationOptions, ProbabilityCalculator } from './calculation.ts';
import { probabilityText } from './throughput.ts';

const OPTIONS: CalculationOptions = {
  targetSamplesPerSecond: 1,
  deltaTolerance: 0.3,
  aggregationBuckets: 10,
  calculationBuckets: 1,
  initialSamplingProbability: 0.001,
  minSamplingProbability: 0.00001,
};
const MINUTE = 60;

function row(count: number, probability = 0.001, operation = 'op'): OperationThroughput {
  return { service: 'shop', operation, count, probabilities: [probabilityText(probability)] };
}

function after(...minutes: readonly (readonly OperationThroughput[])[]) {
  const calculator = new ProbabilityCalculator(OPTIONS);
  return minutes.map((throughput) => {
    calculator.addBucket(throughput, MINUTE);
    return calculator.calculate()[0];
  });
}

test.each<[string, number, number]>([
  ['on its target, it stays', 60, 0.001],
  ['within the tolerance, it stays', 77, 0.001],
  ['below its target, it grows in proportion', 40, 0.0015],
  ['far below, it at most doubles', 3, 0.002],
  ['with nothing sampled, it doubles', 0, 0.002],
  ['above its target, it falls at once to what it must be', 6_000, 0.00001],
  ['far above, it falls to the least there is', 6_000_000, 0.00001],
])('%s', (_what, count, probability) => {
  expect(after([row(count)])[0]?.probability).toBeCloseTo(probability, 10);
});

test('the rows of several collectors are one, and the rate is told', () => {
  expect(after([row(30), row(30), row(0, 0.5)])[0]).toEqual({
    service: 'shop',
    operation: 'op',
    qps: 1,
    probability: 0.001,
  });
});

test('the newest intervals count most', () => {
  const calculator = new ProbabilityCalculator({ ...OPTIONS, calculationBuckets: 3 });
  for (const count of [600, 300, 60]) calculator.addBucket([row(count)], MINUTE);
  // Weights 3⁴, 2⁴ and 1 for 1, 5 and 10 a second.
  expect(calculator.calculate()[0]?.qps).toBeCloseTo((81 * 1 + 16 * 5 + 10) / 98, 10);
});

test('who does not use what it is told is left alone', () => {
  const [first, second] = after([row(3)], [row(3, 0.5)]);
  expect([first?.probability, second?.probability]).toEqual([0.002, 0.002]);
});

test('who uses it is adjusted on, and a silence of one interval does not end that', () => {
  const calculator = new ProbabilityCalculator(OPTIONS);
  const next = (...throughput: OperationThroughput[]) => {
    calculator.addBucket(throughput, MINUTE);
    return calculator.calculate().find(({ operation }) => operation === 'op')?.probability;
  };
  expect(next(row(3))).toBe(0.002);
  expect(next(row(3, 0.002))).toBe(0.004);
  expect(next(row(1, 0.5, 'another'))).toBe(0.008);
});

test('what the store has from before is where it goes on', () => {
  const calculator = new ProbabilityCalculator(OPTIONS);
  calculator.setProbabilities([{ service: 'shop', operation: 'op', probability: 0.25, qps: 0 }]);
  calculator.addBucket([row(30, 0.25)], MINUTE);
  expect(calculator.calculate()[0]?.probability).toBe(0.5);
});
