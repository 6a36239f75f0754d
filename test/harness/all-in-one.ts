import { type ListeningProcess, type ProcessOptions, startListening } from './listening-process.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

const LISTENERS = {
  otlpHttp: { listener: 'otlp-http', setting: 'SPOOR_COLLECTOR_OTLP_HTTP_ENDPOINT' },
  otlpGrpc: { listener: 'otlp-grpc', setting: 'SPOOR_COLLECTOR_OTLP_GRPC_ENDPOINT' },
  jaegerGrpc: { listener: 'jaeger-grpc', setting: 'SPOOR_COLLECTOR_JAEGER_GRPC_ENDPOINT' },
  thriftHttp: { listener: 'jaeger-thrift-http', setting: 'SPOOR_COLLECTOR_JAEGER_THRIFT_HTTP_ENDPOINT' },
  zipkin: { listener: 'zipkin', setting: 'SPOOR_COLLECTOR_ZIPKIN_ENDPOINT' },
  jaegerCompact: { listener: 'jaeger-compact', setting: 'SPOOR_AGENT_JAEGER_COMPACT_ENDPOINT' },
  jaegerBinary: { listener: 'jaeger-binary', setting: 'SPOOR_AGENT_JAEGER_BINARY_ENDPOINT' },
  zipkinCompact: { listener: 'zipkin-compact', setting: 'SPOOR_AGENT_ZIPKIN_COMPACT_ENDPOINT' },
  samplingHttp: { listener: 'sampling-http', setting: 'SPOOR_SAMPLING_HTTP_ENDPOINT' },
  samplingGrpc: { listener: 'sampling-grpc', setting: 'SPOOR_SAMPLING_GRPC_ENDPOINT' },
  queryHttp: { listener: 'query-http', setting: 'SPOOR_QUERY_HTTP_ENDPOINT' },
  queryGrpc: { listener: 'query-grpc', setting: 'SPOOR_QUERY_GRPC_ENDPOINT' },
  admin: { listener: 'admin', setting: 'SPOOR_ADMIN_ENDPOINT' },
} as const;

/** `host:port` of each listener. */
export type Addresses = Readonly<Record<keyof typeof LISTENERS, string>>;

export interface AllInOneOptions extends ProcessOptions {
  /** Where the embedded store lives. Default: a temporary one, removed at the end. */
  readonly directory?: string;
}

/** A running all-in-one. It restarts on the same directory. */
export interface AllInOne extends ListeningProcess<keyof Addresses> {
  readonly directory: string;
  /** Stops it and removes its temporary directory. The end of an `await using` block does so. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts `apps/all-in-one`. Use it with `await using`, or call `stop`. */
export async function startAllInOne(options: AllInOneOptions = {}): Promise<AllInOne> {
  const temporary: TemporaryDirectory | undefined =
    options.directory === undefined ? temporaryDirectory('data') : undefined;
  const directory = options.directory ?? temporary?.path ?? '';
  const env = { SPOOR_STORAGE_EMBEDDED_DIRECTORY: directory, ...options.env };
  try {
    const running = await startListening('apps/all-in-one/src/main.ts', LISTENERS, { ...options, env });
    return Object.defineProperties(running, {
      directory: { value: directory },
      [Symbol.asyncDispose]: {
        async value() {
          await running.stop();
          temporary?.remove();
        },
      },
    }) as AllInOne;
  } catch (error) {
    temporary?.remove();
    throw error;
  }
}
