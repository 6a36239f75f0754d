import { expect, test } from 'vitest';
import { toJson, toLegacyJson } from './json.ts';
import { parseStrategies, strategyOf } from './parse-strategies.ts';

function told(file: unknown, service: string, defaultSamplingProbability = 0.001) {
  const warnings: string[] = [];
  const set = parseStrategies(JSON.stringify(file), {
    defaultSamplingProbability,
    warn: (message) => warnings.push(message),
  });
  return { answer: JSON.parse(toJson(strategyOf(set, service))), warnings };
}

const probabilistic = (samplingRate: number) => ({
  strategyType: 'PROBABILISTIC',
  probabilisticSampling: { samplingRate },
});
const operations = (defaultSamplingProbability: number, rates: Record<string, number>) => ({
  operationSampling: {
    defaultSamplingProbability,
    defaultLowerBoundTracesPerSecond: 0,
    perOperationStrategies: Object.entries(rates).map(([operation, samplingRate]) => ({
      operation,
      probabilisticSampling: { samplingRate },
    })),
    defaultUpperBoundTracesPerSecond: 0,
  },
});

test('without a file, or without a default strategy, the default probability holds', () => {
  for (const file of [null, {}, { service_strategies: [] }])
    expect(told(file, 'any').answer).toEqual(probabilistic(0.001));
  expect(told(null, 'any', 1).answer).toEqual(probabilistic(1));
});

test('a service has its own strategy, any other the default strategy as it stands', () => {
  const file = {
    default_strategy: { type: 'probabilistic', param: 0.5 },
    service_strategies: [
      { service: 'foo', type: 'probabilistic', param: 0.8 },
      { service: 'bar', type: 'ratelimiting', param: 5.9 },
    ],
  };
  expect(told(file, 'foo').answer).toEqual(probabilistic(0.8));
  expect(told(file, 'bar').answer).toEqual({
    strategyType: 'RATE_LIMITING',
    rateLimitingSampling: { maxTracesPerSecond: 5 },
  });
  expect(told(file, 'other').answer).toEqual(probabilistic(0.5));
  expect(told(file, '').answer).toEqual(probabilistic(0.5));
});

test('a type that nobody knows is told, and becomes the default probability', () => {
  const file = { service_strategies: [{ service: 'foo', type: 'lottery', param: 7 }, { service: 'bar' }] };
  const { answer, warnings } = told(file, 'foo', 0.25);
  expect(answer).toEqual(probabilistic(0.25));
  expect(told(file, 'bar', 0.25).answer).toEqual(probabilistic(0.25));
  expect(warnings).toEqual([
    'the service "foo" has the type "lottery", not probabilistic or ratelimiting: it is sampled with probability 0.25',
    expect.stringContaining('the service "bar" has the type ""'),
  ]);
});

test('operations have their own rates; a ratelimiting one is dropped with a warning', () => {
  const file = {
    service_strategies: [
      {
        service: 'foo',
        type: 'probabilistic',
        param: 0.8,
        operation_strategies: [
          { operation: 'op1', type: 'probabilistic', param: 0.2 },
          { operation: 'op2', type: 'ratelimiting', param: 10 },
        ],
      },
      {
        service: 'bar',
        type: 'ratelimiting',
        param: 5,
        operation_strategies: [{ operation: 'op3', type: 'probabilistic', param: 0.3 }],
      },
    ],
  };
  const { answer, warnings } = told(file, 'foo');
  expect(answer).toEqual({ ...probabilistic(0.8), ...operations(0.8, { op1: 0.2 }) });
  expect(warnings).toEqual([expect.stringContaining('the operation "op2" of the service "foo" is ratelimiting')]);
  // Without a rate of its own the service's other operations have the provider's.
  expect(told(file, 'bar').answer).toEqual({
    strategyType: 'RATE_LIMITING',
    rateLimitingSampling: { maxTracesPerSecond: 5 },
    ...operations(0.001, { op3: 0.3 }),
  });
});

test('the operations of the default strategy hold in every listed service that does not say otherwise', () => {
  const file = {
    default_strategy: {
      type: 'probabilistic',
      param: 0.5,
      operation_strategies: [
        { operation: '/health', type: 'probabilistic', param: 0 },
        { operation: '/metrics', type: 'probabilistic', param: 0 },
      ],
    },
    service_strategies: [
      { service: 'without', type: 'probabilistic', param: 0.8 },
      { service: 'limited', type: 'ratelimiting', param: 3 },
      {
        service: 'with',
        type: 'probabilistic',
        param: 0.1,
        operation_strategies: [
          { operation: '/health', type: 'probabilistic', param: 1 },
          { operation: '/own', type: 'probabilistic', param: 0.4 },
        ],
      },
    ],
  };
  const inherited = { '/health': 0, '/metrics': 0 };
  expect(told(file, 'without').answer).toEqual({ ...probabilistic(0.8), ...operations(0.8, inherited) });
  expect(told(file, 'limited').answer).toMatchObject(operations(0.5, inherited));
  expect(told(file, 'with').answer).toEqual({
    ...probabilistic(0.1),
    ...operations(0.1, { '/health': 1, '/own': 0.4, '/metrics': 0 }),
  });
  expect(told(file, 'unlisted').answer).toEqual({ ...probabilistic(0.5), ...operations(0.5, inherited) });
});

test('the JSON is byte for byte what clients know, new and legacy', () => {
  const set = parseStrategies(
    JSON.stringify({
      default_strategy: {
        type: 'probabilistic',
        param: 0.2,
        operation_strategies: [{ operation: 'op', type: 'probabilistic', param: 1 }],
      },
      service_strategies: [{ service: 'r', type: 'ratelimiting', param: 10 }],
    }),
    { defaultSamplingProbability: 0.001, warn: () => undefined },
  );
  const operationSampling =
    '"operationSampling":{"defaultSamplingProbability":0.2,"defaultLowerBoundTracesPerSecond":0,' +
    '"perOperationStrategies":[{"operation":"op","probabilisticSampling":{"samplingRate":1}}],' +
    '"defaultUpperBoundTracesPerSecond":0}';
  expect(toJson(strategyOf(set, 'x'))).toBe(
    `{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0.2},${operationSampling}}`,
  );
  expect(toLegacyJson(strategyOf(set, 'x'))).toBe(
    `{"strategyType":0,"probabilisticSampling":{"samplingRate":0.2},${operationSampling}}`,
  );
  const plain = parseStrategies('{"service_strategies":[{"service":"r","type":"ratelimiting","param":10}]}', {
    defaultSamplingProbability: 0,
    warn: () => undefined,
  });
  expect(toJson(strategyOf(plain, 'r'))).toBe(
    '{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":10}}',
  );
  expect(toLegacyJson(strategyOf(plain, 'r'))).toBe(
    '{"strategyType":1,"rateLimitingSampling":{"maxTracesPerSecond":10}}',
  );
  expect(toJson(strategyOf(plain, 'x'))).toBe(
    '{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":0}}',
  );
});

test.each([
  ['{"service_strategies":', 'it is not JSON'],
  ['[]', 'it: '],
  ['{"service_strategies":[{"service":1}]}', 'service_strategies.0.service: '],
  ['{"default_strategy":{"type":"probabilistic","param":"1"}}', 'default_strategy.param: '],
])('what is no such file is refused with the place: %s', (json, message) => {
  expect(() => parseStrategies(json, { defaultSamplingProbability: 1, warn: () => undefined })).toThrow(message);
});
