import type { AddressInfo } from 'node:net';
import type { Clock, Component } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { NO_SELF_TRACING, type SelfTracing, tracedReader } from '@spoor/self-tracing';
import type { Tenancy } from '@spoor/service';
import type { ArchiveStore, DependencyReader, MetricsReader, SpanReader } from '@spoor/storage';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { QueryConfig } from './config.ts';
import { createGrpcServer, type QueryGrpcServer } from './grpc/server.ts';
import type { QueryEnvironment } from './http/environment.ts';
import { createHttpServer } from './http/server.ts';
import { createQueryMetrics } from './metrics.ts';
import { createTraceAnswers } from './read/trace-answers.ts';

export interface QueryDependencies {
  readonly reader: SpanReader;
  readonly dependencies: DependencyReader;
  /** Calls, errors and durations of services. Without it `/api/metrics` answers that there are none. */
  readonly serviceMetrics?: MetricsReader | undefined;
  readonly archive?: ArchiveStore | undefined;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly tenancy: Tenancy;
  /** Where the built UI lies. Without it a page says how to build it. */
  readonly uiDirectory?: string;
  /** Traces the queries. Without it nothing does. */
  readonly tracing?: SelfTracing;
}

export interface Query extends Component {
  /** Ready once both addresses accept connections. */
  readiness(): { readonly ready: boolean; readonly reason?: string };
  /** `host:port` that HTTP and gRPC are served on, with the real ports. Only while started. */
  addresses(): { readonly http: string; readonly grpc: string };
}

/** The query process: pages and HTTP API on one address, gRPC on another. It holds nothing but what it answers. */
export function createQuery(config: QueryConfig, deps: QueryDependencies): Query {
  const tracing = deps.tracing ?? NO_SELF_TRACING;
  const reader = tracedReader(deps.reader, tracing);
  const environment: QueryEnvironment = {
    reader,
    dependencies: deps.dependencies,
    serviceMetrics: deps.serviceMetrics,
    archive: deps.archive,
    clock: deps.clock,
    maxSearchDepth: config.maxSearchDepth,
    answers: createTraceAnswers({
      reader,
      archive: deps.archive?.reader,
      maxClockSkewAdjustmentNanos: BigInt(Math.round(config.maxClockSkewAdjustment * 1_000_000)),
      maxTraceSpans: config.maxTraceSpans,
    }),
  };
  const metrics = createQueryMetrics(deps.metrics);
  const { logger, tenancy } = deps;
  let http: FastifyInstance | undefined;
  let grpc: QueryGrpcServer | undefined;
  let started: { http: string; grpc: string } | undefined;

  return {
    name: 'query',
    async start() {
      http = await createHttpServer({
        environment,
        metrics,
        tracing,
        logger,
        tenantOf: (request) => tenancy.fromHttpHeaders(request.headers),
        basePath: config.basePath === '/' ? '' : config.basePath,
        timeoutMs: config.requestTimeout,
        additionalHeaders: config.additionalHeaders,
        compression: config.compression,
        uiDirectory: deps.uiDirectory,
      });
      grpc = createGrpcServer(environment, {
        metrics,
        tracing,
        logger,
        tenantOf: (metadata) => tenancy.fromGrpcMetadata(metadata),
        timeoutMs: config.requestTimeout,
      });
      const httpAddress = await listenHttp(http, config.http.endpoint);
      logger.info({ listener: 'query-http', address: httpAddress }, 'listening');
      const bound = await grpc.listen(config.grpc.endpoint).catch(async (error: unknown) => {
        await this.stop(AbortSignal.abort());
        throw error;
      });
      const grpcAddress = addressText(bound.host, bound.port);
      grpc.setServing(true);
      logger.info({ listener: 'query-grpc', address: grpcAddress }, 'listening');
      started = { http: httpAddress, grpc: grpcAddress };
    },
    async stop(signal) {
      started = undefined;
      grpc?.setServing(false);
      const closing = [grpc?.close(signal), http === undefined ? undefined : closeHttp(http, signal)];
      grpc = undefined;
      http = undefined;
      await Promise.all(closing);
    },
    readiness() {
      return started === undefined ? { ready: false, reason: 'the query API is not started' } : { ready: true };
    },
    addresses() {
      if (started === undefined) throw new SpoorError('SPOOR_INTERNAL', 'the query API is not started');
      return started;
    },
  };
}

/** How often connections that have become idle are looked for while the server closes. */
const CLOSE_IDLE_EVERY_MS = 10;

async function listenHttp(app: FastifyInstance, { host, port }: QueryConfig['http']['endpoint']): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new SpoorError(
      'SPOOR_ADDRESS_IN_USE',
      `cannot listen on ${addressText(host, port)} for HTTP queries; set query.http.endpoint to a free address`,
      { cause },
    );
  }
  return addressText(host, (app.server.address() as AddressInfo).port);
}

/** Connections whose answer ends while the server closes would otherwise be kept alive until they time out. */
async function closeHttp(app: FastifyInstance, signal: AbortSignal): Promise<void> {
  const { server } = app;
  const force = () => server.closeAllConnections();
  if (signal.aborted) force();
  else signal.addEventListener('abort', force, { once: true });
  const closed = app.close();
  const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  await closed;
  clearInterval(idle);
  signal.removeEventListener('abort', force);
}

function addressText(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
