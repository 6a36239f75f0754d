import type { SamplingStrategy } from './strategy.ts';

/** What clients read today (CONTRACT §3.1). Zeros are written, absent messages are left out. */
export function toJson(strategy: SamplingStrategy): string {
  const strategyType = strategy.type === 'probabilistic' ? 'PROBABILISTIC' : 'RATE_LIMITING';
  return JSON.stringify({ strategyType, ...bodyOf(strategy) });
}

/** What clients before jaeger 1.0 read: the type is a number. */
export function toLegacyJson(strategy: SamplingStrategy): string {
  return JSON.stringify({ strategyType: strategy.type === 'probabilistic' ? 0 : 1, ...bodyOf(strategy) });
}

function bodyOf(strategy: SamplingStrategy): object {
  const { operationSampling } = strategy;
  return {
    ...(strategy.type === 'probabilistic'
      ? { probabilisticSampling: { samplingRate: strategy.samplingRate } }
      : { rateLimitingSampling: { maxTracesPerSecond: strategy.maxTracesPerSecond } }),
    ...(operationSampling === undefined
      ? {}
      : {
          operationSampling: {
            defaultSamplingProbability: operationSampling.defaultSamplingProbability,
            defaultLowerBoundTracesPerSecond: operationSampling.defaultLowerBoundTracesPerSecond,
            perOperationStrategies: operationSampling.perOperationStrategies.map(({ operation, samplingRate }) => ({
              operation,
              probabilisticSampling: { samplingRate },
            })),
            defaultUpperBoundTracesPerSecond: operationSampling.defaultUpperBoundTracesPerSecond,
          },
        }),
  };
}
