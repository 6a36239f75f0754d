import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { context, propagation, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import {
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_NAMESPACE,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions';

/** What one service records with. Services share a process here, but each has its own resource, queue and connection. */
export interface Telemetry {
  readonly tracer: Tracer;
  /** Sends what is recorded so far. */
  flush(): Promise<void>;
  /** Sends the rest and ends. */
  shutdown(): Promise<void>;
}

/** Told of every export: `undefined` when it succeeded. */
export type ExportListener = (error: Error | undefined) => void;

/** Short, so that the spans of the first visits are in the browser as soon as somebody looks. */
const EXPORT_DELAY_MS = 500;

/** Sets up, once for the process, how the current span is carried along: across awaits, and in HTTP headers (W3C). */
export function carryContext(): void {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
}

function listened(exporter: SpanExporter, listener: ExportListener): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        listener(result.code === ExportResultCode.SUCCESS ? undefined : (result.error ?? new Error('not exported')));
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

export function createTelemetry(
  service: { readonly name: string; readonly version: string },
  endpoint: string,
  listener: ExportListener,
): Telemetry {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 5_000 });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      [ATTR_SERVICE_NAME]: service.name,
      [ATTR_SERVICE_VERSION]: service.version,
      [ATTR_SERVICE_NAMESPACE]: 'shop',
      [ATTR_SERVICE_INSTANCE_ID]: randomUUID(),
      'deployment.environment.name': 'demo',
      'host.name': hostname(),
    }),
    spanProcessors: [new BatchSpanProcessor(listened(exporter, listener), { scheduledDelayMillis: EXPORT_DELAY_MS })],
  });
  return {
    tracer: provider.getTracer('shop', service.version),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}
