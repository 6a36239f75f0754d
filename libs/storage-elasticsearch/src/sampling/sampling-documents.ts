import type { OperationProbability, OperationThroughput } from '@spoor/storage';
import type { ExactJson, ExactObject } from '../layouts/layout.ts';
import { listOf, objectOf, textOf } from '../reader/ask-search.ts';

type ByOperation = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** CONTRACT §3.4: one document an operation and interval, the probabilities as keys. */
export function throughputDocument(
  timestamp: string,
  { service, operation, count, probabilities }: OperationThroughput,
): object {
  return {
    timestamp,
    throughputs: {
      Service: service,
      Operation: operation,
      Count: count,
      Probabilities: Object.fromEntries(probabilities.map((text) => [text, {}])),
    },
  };
}

export function throughputOf(source: ExactObject): OperationThroughput {
  const found = objectOf(source['throughputs']);
  return {
    service: textOf(found['Service']),
    operation: textOf(found['Operation']),
    count: Number(found['Count'] ?? 0),
    probabilities: Object.keys(objectOf(found['Probabilities'])),
  };
}

/** CONTRACT §3.4: what one leader computed, as one document. */
export function probabilitiesDocument(
  timestamp: string,
  hostname: string,
  probabilities: readonly OperationProbability[],
): object {
  return {
    timestamp,
    probabilitiesandqps: {
      Hostname: hostname,
      Probabilities: byOperation(probabilities, ({ probability }) => probability),
      QPS: byOperation(probabilities, ({ qps }) => qps),
    },
  };
}

export function probabilitiesOf(source: ExactObject): OperationProbability[] {
  const found = objectOf(source['probabilitiesandqps']);
  const allQps = objectOf(found['QPS']);
  return Object.entries(objectOf(found['Probabilities'])).flatMap(([service, operations]) => {
    const qpsOfService = objectOf(allQps[service]);
    return Object.entries(objectOf(operations)).map(([operation, probability]) => ({
      service,
      operation,
      probability: Number(probability),
      qps: Number(qpsOfService[operation] ?? 0),
    }));
  });
}

/** The outcomes of the items of a bulk answer that are neither written nor there before. */
export function failuresIn(answer: ExactObject): ExactJson[] {
  return listOf(answer['items']).filter((item) => {
    const status = Number(objectOf(objectOf(item)['create'])['status'] ?? 0);
    return status !== 409 && (status < 200 || status > 299);
  });
}

function byOperation(
  probabilities: readonly OperationProbability[],
  value: (probability: OperationProbability) => number,
): ByOperation {
  const services = Map.groupBy(probabilities, ({ service }) => service);
  return Object.fromEntries(
    [...services].map(([service, all]) => [service, Object.fromEntries(all.map((one) => [one.operation, value(one)]))]),
  );
}
