import type { Tracer, TracerProvider } from '@opentelemetry/api';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Addresses } from './all-in-one.ts';

export const SDK_TRANSPORTS = ['grpc', 'http/protobuf', 'http/json'] as const;
export type SdkTransport = (typeof SDK_TRANSPORTS)[number];

/** Where a collector, or the all-in-one, receives. */
export type Receivers = Pick<Addresses, 'otlpHttp' | 'otlpGrpc'>;

/** An application that records with the OpenTelemetry SDK. */
export interface SdkApplication extends AsyncDisposable {
  readonly tracer: Tracer;
  /** For tracers with names of their own. */
  readonly provider: TracerProvider;
  /** Sends what is recorded. Throws when the receiver did not take it. */
  flush(): Promise<void>;
}

function exporterFor(transport: SdkTransport, addresses: Receivers): SpanExporter {
  if (transport === 'grpc') return new GrpcExporter({ url: `http://${addresses.otlpGrpc}` });
  const url = `http://${addresses.otlpHttp}/v1/traces`;
  return transport === 'http/json' ? new JsonExporter({ url }) : new ProtoExporter({ url });
}

/** Sets up the SDK as an application would, with the official exporter of the transport. */
export function sdkApplication(transport: SdkTransport, addresses: Receivers, serviceName: string): SdkApplication {
  const exporter = exporterFor(transport, addresses);
  const failures: unknown[] = [];
  const watched: SpanExporter = {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error) failures.push(result.error);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName, 'service.version': '1.2.3' }),
    spanProcessors: [new SimpleSpanProcessor(watched)],
  });
  return {
    tracer: provider.getTracer('spoor-test'),
    provider,
    async flush() {
      await provider.forceFlush();
      if (failures.length > 0) throw new Error(`spans were not exported over ${transport}`, { cause: failures[0] });
    },
    [Symbol.asyncDispose]: () => provider.shutdown(),
  };
}
