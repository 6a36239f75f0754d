import { type ListeningProcess, type ProcessOptions, startListening } from './listening-process.ts';

const LISTENERS = {
  otlpHttp: { listener: 'otlp-http', setting: 'SPOOR_COLLECTOR_OTLP_HTTP_ENDPOINT' },
  otlpGrpc: { listener: 'otlp-grpc', setting: 'SPOOR_COLLECTOR_OTLP_GRPC_ENDPOINT' },
  jaegerGrpc: { listener: 'jaeger-grpc', setting: 'SPOOR_COLLECTOR_JAEGER_GRPC_ENDPOINT' },
  thriftHttp: { listener: 'jaeger-thrift-http', setting: 'SPOOR_COLLECTOR_JAEGER_THRIFT_HTTP_ENDPOINT' },
  zipkin: { listener: 'zipkin', setting: 'SPOOR_COLLECTOR_ZIPKIN_ENDPOINT' },
  admin: { listener: 'admin', setting: 'SPOOR_ADMIN_ENDPOINT' },
} as const;

/**
 * As `npm run collector` has them: young objects that stay in the processor's cache cost a third less time and memory, and
 * garbage of requests that waited for Kafka is worth no collection of the whole heap until there is much of it. So few bytes
 * are collected sooner by one thread than by several that share them.
 */
const NODE_ARGS = ['--max-semi-space-size=8', '--initial-old-space-size=128', '--no-parallel-scavenge'];

export interface CollectorOptions extends ProcessOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
}

/** A running collector that writes to Kafka. */
export type Collector = ListeningProcess<keyof typeof LISTENERS>;

/** What points a process at the spans' topic. */
export function kafkaEnvironment({
  brokers,
  topic,
}: Pick<CollectorOptions, 'brokers' | 'topic'>): Record<string, string> {
  return { SPOOR_KAFKA_BROKERS: brokers.join(','), SPOOR_KAFKA_TOPIC: topic };
}

/** Starts `apps/collector`; the topic must exist. Use it with `await using`, or call `stop`. */
export function startCollector(options: CollectorOptions): Promise<Collector> {
  const env = { ...kafkaEnvironment(options), ...options.env };
  return startListening('apps/collector/src/main.ts', LISTENERS, {
    ...options,
    env,
    nodeArgs: [...NODE_ARGS, ...(options.nodeArgs ?? [])],
  });
}
