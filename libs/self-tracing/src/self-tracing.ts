import { AsyncLocalStorage } from 'node:async_hooks';
import type { AttributeValue, Context, Span, Tracer } from '@opentelemetry/api';
import type { Component } from '@spoor/model';
import { revealed } from '@spoor/service';
import type { Logger } from 'pino';
import type { TracingConfig } from './config.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Which share of the work is traced: the settings `tracing.queryRatio`, `requestRatio` and `deliveryRatio`. */
export type WorkKind = 'query' | 'request' | 'delivery';

export interface Work {
  readonly name: string;
  readonly kind: WorkKind;
  readonly attributes?: Attributes;
  /** The `traceparent` that came with it (W3C). What it says about sampling wins over the ratio. */
  readonly parent?: string | undefined;
}

/** Work that is being traced. */
export interface TracedWork {
  /** Runs what belongs to the work; steps within are its children. */
  within<T>(run: () => T): T;
  /** Ends it, once. An error marks it as failed. */
  end(attributes?: Attributes, error?: unknown): void;
}

/** Reports what a process does, as traces. Nothing of it is global. */
export interface SelfTracing extends Component {
  readonly isOn: boolean;
  /** Begins work, when it is to be traced. `mayTrace` is asked only of what is sampled. */
  begin(work: Work, mayTrace?: () => boolean): TracedWork | undefined;
  /** Begins a step of the work that this runs within; `undefined` outside of any. */
  beginStep(name: string, attributes?: Attributes): TracedWork | undefined;
}

/** What traces nothing and loads nothing. */
export const NO_SELF_TRACING: SelfTracing = {
  name: 'self-tracing',
  isOn: false,
  begin: () => undefined,
  beginStep: () => undefined,
  start: async () => {},
  stop: async () => {},
};

export interface SelfTracingDependencies {
  readonly logger: Logger;
  /** As the traces name the process: `spoor-query`. */
  readonly serviceName: string;
  readonly version: string;
  /** `host:port` of a receiver of OTLP over HTTP in this very process. Asked when this starts, so start it after that. */
  readonly ownReceiver?: () => string | undefined;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

const DEFAULT_ENDPOINT = 'http://127.0.0.1:4318/v1/traces';
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})/;

/**
 * Tracing as the settings say: off by default, and with the sampler `always_off`. The OpenTelemetry SDK is loaded at the start,
 * and only when it is on. Nothing is traced before the start and after the end.
 */
export function createSelfTracing(config: TracingConfig, deps: SelfTracingDependencies): SelfTracing {
  if (!config.enabled || /^(parentbased_)?always_off$/.test(config.sampler)) return NO_SELF_TRACING;
  const random = deps.random ?? Math.random;
  const ratios: Readonly<Record<WorkKind, number>> = {
    query: config.queryRatio,
    request: config.requestRatio,
    delivery: config.deliveryRatio,
  };
  const current = new AsyncLocalStorage<Context>();
  let sdk: RunningSdk | undefined;

  function traced(span: Span, context: Context): TracedWork {
    return {
      within: (run) => current.run(context, run),
      end(attributes, error) {
        if (attributes !== undefined) span.setAttributes({ ...attributes });
        if (error !== undefined) {
          const message = error instanceof Error ? error.message : String(error);
          span.setStatus({ code: STATUS_ERROR, message });
        }
        span.end();
      },
    };
  }

  return {
    name: 'self-tracing',
    isOn: true,
    begin({ name, kind, attributes = {}, parent }, mayTrace = () => true) {
      if (sdk === undefined) return undefined;
      const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(parent ?? '') ?? [];
      const isSampled = traceId === '' ? random() < ratios[kind] : (Number.parseInt(flags, 16) & 1) === 1;
      if (!isSampled || !mayTrace()) return undefined;
      const above = traceId === '' ? sdk.root : sdk.remote(traceId, spanId);
      const spanKind = kind === 'delivery' ? KIND_CONSUMER : KIND_SERVER;
      const span = sdk.tracer.startSpan(name, { kind: spanKind, attributes: { ...attributes } }, above);
      return traced(span, sdk.contextOf(span));
    },
    beginStep(name, attributes = {}) {
      const above = current.getStore();
      if (sdk === undefined || above === undefined) return undefined;
      const span = sdk.tracer.startSpan(name, { attributes: { ...attributes } }, above);
      return traced(span, sdk.contextOf(span));
    },
    async start() {
      const { startSdk } = await import('./sdk.ts');
      const own = deps.ownReceiver?.();
      const endpoint = config.endpoint ?? (own === undefined ? DEFAULT_ENDPOINT : `http://${own}/v1/traces`);
      sdk = startSdk({ ...deps, endpoint, headers: revealed(config.headers) });
      deps.logger.info({ endpoint }, 'this process traces its own work');
    },
    async stop(signal) {
      const stopping = sdk;
      sdk = undefined;
      if (stopping === undefined) return;
      const aborted = new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      // Traces that cannot be delivered are not worth waiting for longer than the process may.
      await Promise.race([stopping.shutdown().catch(() => {}), aborted]);
    },
  };
}

/** What of the SDK is used, so that nothing of it is loaded for the type. */
export interface RunningSdk {
  readonly tracer: Tracer;
  readonly root: Context;
  contextOf(span: Span): Context;
  /** Below a span of somebody else's, that was sampled. */
  remote(traceId: string, spanId: string): Context;
  /** Sends what is recorded, and ends. */
  shutdown(): Promise<void>;
}

// The values of `SpanKind` and `SpanStatusCode`, which are only loaded with the SDK.
const KIND_SERVER = 1;
const KIND_CONSUMER = 4;
const STATUS_ERROR = 2;
