import type { Clock, Component, WriteOutcome } from '@spoor/model';
import type { SamplingStrategies } from '@spoor/sampling';
import type { Tenancy } from '@spoor/service';
import type { SpanLogProducer } from '@spoor/span-log';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { CollectorConfig } from './config.ts';
import { BytesInFlight, createReceiverMetrics, Intake, type IntakeRequest } from './receivers/intake/index.ts';
import { createJaegerGrpcReceiver } from './receivers/jaeger-grpc/index.ts';
import { createThriftHttpReceiver } from './receivers/jaeger-thrift-http/index.ts';
import { createGrpcReceiver, createHttpReceiver } from './receivers/otlp/index.ts';
import { createZipkinReceiver } from './receivers/zipkin/index.ts';
import { addCollectorRoutes, samplingMethods } from './sampling/index.ts';

export interface CollectorDependencies {
  readonly producer: SpanLogProducer;
  readonly tenancy: Tenancy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** What clients that ask at a receiver's address are told. Without it they are told that nobody serves it there. */
  readonly strategies?: SamplingStrategies;
}

export interface Collector extends Component {
  /** Takes what came to a receiver outside of the collector. Throws a `SpoorError` when nothing of it was taken. */
  take(request: IntakeRequest): Promise<WriteOutcome>;
  /** Ready once every receiver accepts connections, until `stop`. */
  readiness(): { readonly ready: boolean; readonly reason?: string };
  /** `host:port` of each receiver, with the real ports; `undefined` while it does not listen. */
  addresses(): {
    readonly http: string | undefined;
    readonly grpc: string | undefined;
    readonly jaegerGrpc: string | undefined;
    readonly thriftHttp: string | undefined;
    readonly zipkin: string | undefined;
  };
}

/** The receivers, all of which feed one log. It keeps nothing but the requests that it has not answered yet. */
export function createCollector(config: CollectorConfig, deps: CollectorDependencies): Collector {
  const { producer, tenancy, clock, logger, strategies } = deps;
  const inFlight = new BytesInFlight(config.maxBytesInFlight);
  const metrics = createReceiverMetrics(deps.metrics, inFlight);
  const limits = {
    maxFutureMs: config.maxFuture,
    maxSpanBytes: config.maxSpanBytes,
    maxAttributeDepth: config.maxAttributeDepth,
  };
  const observe = strategies?.observe?.bind(strategies);
  const intake = new Intake({ producer, metrics, clock, limits, observe });
  const shared = { intake, inFlight, metrics, tenancy, logger };
  const http = createHttpReceiver({ ...shared, config: config.otlp.http });
  const grpc = createGrpcReceiver({ ...shared, config: config.otlp.grpc });
  const jaegerGrpc = createJaegerGrpcReceiver({
    ...shared,
    config: config.jaeger.grpc,
    methods: strategies === undefined ? {} : samplingMethods(strategies),
  });
  const thriftHttp = createThriftHttpReceiver({
    ...shared,
    config: config.jaeger.thriftHttp,
    addRoutes(app) {
      if (strategies !== undefined) addCollectorRoutes(app, { strategies, logger });
    },
  });
  const zipkin = createZipkinReceiver({ ...shared, config: config.zipkin });
  const receivers = [
    http,
    grpc,
    ...(config.jaeger.grpc.enabled ? [jaegerGrpc] : []),
    ...(config.jaeger.thriftHttp.enabled ? [thriftHttp] : []),
    ...(config.zipkin.enabled ? [zipkin] : []),
  ];

  return {
    name: 'collector',
    take: (request) => intake.take(request),
    async start() {
      for (const receiver of receivers) await receiver.start();
    },
    async stop(signal) {
      intake.refuseNew();
      const breakOff = () => intake.breakOff();
      if (signal.aborted) breakOff();
      signal.addEventListener('abort', breakOff, { once: true });
      await Promise.all(receivers.map((receiver) => receiver.stop(signal)));
      signal.removeEventListener('abort', breakOff);
    },
    readiness() {
      const missing = receivers.filter((receiver) => receiver.address() === undefined).map(({ name }) => name);
      return missing.length === 0 ? { ready: true } : { ready: false, reason: `${missing.join(', ')} does not listen` };
    },
    addresses: () => ({
      http: http.address(),
      grpc: grpc.address(),
      jaegerGrpc: jaegerGrpc.address(),
      thriftHttp: thriftHttp.address(),
      zipkin: zipkin.address(),
    }),
  };
}
