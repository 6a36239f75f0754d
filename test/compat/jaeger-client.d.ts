/** As far as the tests use it; the package has no types of its own. */
declare module 'jaeger-client' {
  interface Sender {
    close?(): void;
  }

  export interface JaegerSpanContext {
    readonly traceIdStr: string;
    readonly spanIdStr: string;
  }

  export interface JaegerSpan {
    context(): JaegerSpanContext;
    setTag(key: string, value: unknown): this;
    log(fields: Readonly<Record<string, unknown>>, timestampMs?: number): this;
    setBaggageItem(key: string, value: string): this;
    finish(): void;
  }

  export interface JaegerTracer {
    startSpan(
      name: string,
      options?: {
        readonly childOf?: JaegerSpan | JaegerSpanContext;
        readonly tags?: Readonly<Record<string, unknown>>;
        readonly references?: readonly unknown[];
      },
    ): JaegerSpan;
    inject(context: JaegerSpanContext, format: string, carrier: Record<string, string>): void;
    extract(format: string, carrier: Readonly<Record<string, string>>): JaegerSpanContext;
    close(done?: () => void): void;
  }

  export interface JaegerConfiguration {
    readonly serviceName: string;
    readonly sampler?: { readonly type: string; readonly param: number; readonly [setting: string]: unknown };
    readonly reporter?: {
      readonly agentHost?: string;
      readonly agentPort?: number;
      readonly collectorEndpoint?: string;
      readonly flushIntervalMs?: number;
    };
    readonly traceId128bit?: boolean;
  }

  const client: {
    initTracer(
      configuration: JaegerConfiguration,
      options?: {
        readonly tags?: Readonly<Record<string, unknown>>;
        readonly logger?: { info(text: string): void; error(text: string): void };
      },
    ): JaegerTracer;
    opentracing: { readonly FORMAT_HTTP_HEADERS: string; followsFrom(context: unknown): unknown };
  };
  // biome-ignore lint/style/noDefaultExport: the package's own form
  export default client;
}
