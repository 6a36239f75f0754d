import { randomUUID } from 'node:crypto';
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import { OWN_TELEMETRY } from './own-telemetry.ts';
import type { RunningSdk } from './self-tracing.ts';

export interface SdkOptions {
  readonly logger: Logger;
  readonly serviceName: string;
  readonly version: string;
  /** With its path. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A provider of its own, not the global one: no instrumentation of anything sees it, its own exports included. */
export function startSdk({ logger, serviceName, version, endpoint, headers }: SdkOptions): RunningSdk {
  const exporter = told(new OTLPTraceExporter({ url: endpoint, headers: { ...headers } }), endpoint, logger);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.version': version,
      'service.instance.id': randomUUID(),
      [OWN_TELEMETRY]: true,
    }),
    // What to trace is decided before a span is begun.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 })],
  });
  return {
    tracer: provider.getTracer('spoor', version),
    root: ROOT_CONTEXT,
    contextOf: (span) => trace.setSpan(ROOT_CONTEXT, span),
    remote: (traceId, spanId) =>
      trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true }),
    shutdown: () => provider.shutdown(),
  };
}

/** Says in the log when exports begin to fail, and when they succeed again; not for each. */
function told(exporter: SpanExporter, endpoint: string, logger: Logger): SpanExporter {
  let isFailing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== 0;
        if (failed && !isFailing) logger.warn({ err: result.error, endpoint }, 'own traces are not taken there');
        if (!failed && isFailing) logger.info({ endpoint }, 'own traces are taken again');
        isFailing = failed;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
