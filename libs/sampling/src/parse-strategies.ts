import { SpoorError } from '@spoor/model';
import { z } from 'zod';
import type { OperationSampling, OperationStrategy, SamplingStrategy } from './strategy.ts';

/** The strategies of one file. */
export interface StrategySet {
  readonly services: ReadonlyMap<string, SamplingStrategy>;
  readonly default: SamplingStrategy;
}

export interface ParseOptions {
  /** For whatever has no strategy, or none that can be read. */
  readonly defaultSamplingProbability: number;
  /** What is wrong with a strategy that is not taken as it stands. */
  readonly warn: (message: string) => void;
}

const INT32_MAX = 2 ** 31 - 1;

/** What is missing or null is what Go makes of it: nothing. Unknown keys are left alone. */
const text = z.string().nullish();
const strategyShape = { type: text, param: z.number().nullish() };
const operationStrategy = z.object({ ...strategyShape, operation: text });
const serviceStrategy = z.object({
  ...strategyShape,
  service: text,
  operation_strategies: z.array(operationStrategy).nullish(),
});
const strategiesFile = z
  .object({
    default_strategy: serviceStrategy.nullish(),
    service_strategies: z.array(serviceStrategy).nullish(),
  })
  .nullable();

type ServiceStrategy = z.output<typeof serviceStrategy>;

/**
 * Reads the peer's file of strategies (CONTRACT §3.3). The operations of the default strategy hold for every service that does
 * not say otherwise of them. Throws `SPOOR_INVALID_CONFIGURATION` for what is no such file.
 */
export function parseStrategies(json: string, options: ParseOptions): StrategySet {
  const file = readFile(json);
  const read = (strategy: ServiceStrategy) => serviceStrategyOf(strategy, options);
  const fallback = file?.default_strategy
    ? read(file.default_strategy)
    : probabilistic(options.defaultSamplingProbability);
  const services = new Map<string, SamplingStrategy>();
  for (const strategy of file?.service_strategies ?? [])
    services.set(strategy.service ?? '', withOperationsOf(fallback, read(strategy)));
  return { services, default: fallback };
}

/** What a service is told. */
export function strategyOf(set: StrategySet, service: string): SamplingStrategy {
  return set.services.get(service) ?? set.default;
}

function readFile(json: string): z.output<typeof strategiesFile> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    throw invalid(`it is not JSON: ${cause instanceof Error ? cause.message : ''}`, cause);
  }
  const result = strategiesFile.safeParse(parsed);
  if (result.success) return result.data;
  const faults = result.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw invalid(faults.join('; '), result.error);
}

function invalid(why: string, cause: unknown): SpoorError {
  return new SpoorError('SPOOR_INVALID_CONFIGURATION', `the sampling strategies cannot be read: ${why}`, { cause });
}

function probabilistic(samplingRate: number): SamplingStrategy {
  return { type: 'probabilistic', samplingRate };
}

function simpleStrategyOf(
  { type, param }: Pick<ServiceStrategy, 'type' | 'param'>,
  what: string,
  { defaultSamplingProbability, warn }: ParseOptions,
): SamplingStrategy {
  if (type === 'probabilistic') return probabilistic(param ?? 0);
  if (type === 'ratelimiting') {
    const perSecond = Math.trunc(param ?? 0);
    return { type, maxTracesPerSecond: Math.max(-INT32_MAX - 1, Math.min(INT32_MAX, perSecond)) };
  }
  warn(
    `${what} has the type ${JSON.stringify(type ?? '')}, not probabilistic or ratelimiting: ` +
      `it is sampled with probability ${defaultSamplingProbability}`,
  );
  return probabilistic(defaultSamplingProbability);
}

function serviceStrategyOf(strategy: ServiceStrategy, options: ParseOptions): SamplingStrategy {
  const what = strategy.service ? `the service ${JSON.stringify(strategy.service)}` : 'the default strategy';
  const own = simpleStrategyOf(strategy, what, options);
  const operations = strategy.operation_strategies ?? [];
  if (operations.length === 0) return own;
  const perOperationStrategies: OperationStrategy[] = [];
  for (const one of operations) {
    const operation = one.operation ?? '';
    const its = simpleStrategyOf(one, `the operation ${JSON.stringify(operation)} of ${what}`, options);
    if (its.type === 'probabilistic') perOperationStrategies.push({ operation, samplingRate: its.samplingRate });
    else
      options.warn(
        `the operation ${JSON.stringify(operation)} of ${what} is ratelimiting, which clients know only for services: ` +
          'it is sampled as other operations are',
      );
  }
  const operationSampling: OperationSampling = {
    defaultSamplingProbability: own.type === 'probabilistic' ? own.samplingRate : options.defaultSamplingProbability,
    defaultLowerBoundTracesPerSecond: 0,
    perOperationStrategies,
    defaultUpperBoundTracesPerSecond: 0,
  };
  return { ...own, operationSampling };
}

function withOperationsOf(fallback: SamplingStrategy, own: SamplingStrategy): SamplingStrategy {
  const inherited = fallback.operationSampling;
  if (inherited === undefined) return own;
  if (own.operationSampling === undefined) {
    const defaultSamplingProbability =
      own.type === 'probabilistic' ? own.samplingRate : inherited.defaultSamplingProbability;
    return { ...own, operationSampling: { ...inherited, defaultSamplingProbability } };
  }
  const known = new Set(own.operationSampling.perOperationStrategies.map(({ operation }) => operation));
  const perOperationStrategies = [
    ...own.operationSampling.perOperationStrategies,
    ...inherited.perOperationStrategies.filter(({ operation }) => !known.has(operation)),
  ];
  return { ...own, operationSampling: { ...own.operationSampling, perOperationStrategies } };
}
