import fastifyCompress from '@fastify/compress';
import type { SpoorError, Tenant } from '@spoor/model';
import { classify } from '@spoor/model';
import type { SelfTracing } from '@spoor/self-tracing';
import { httpStatusOf } from '@spoor/service';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { QueryMetrics } from '../metrics.ts';
import type { QueryEnvironment } from './environment.ts';
import { registerArchive } from './legacy/archive.ts';
import { registerLegacyDependencies } from './legacy/dependencies.ts';
import { sendLegacyError } from './legacy/envelope.ts';
import { registerLegacyMetrics } from './legacy/metrics.ts';
import { registerLegacyServices } from './legacy/services.ts';
import { registerLegacyTraces } from './legacy/traces.ts';
import { registerTransform } from './legacy/transform.ts';
import { addRequestContext } from './request-context.ts';
import { asSpoorError } from './request-errors.ts';
import { addSecurityHeaders } from './security-headers.ts';
import { traceRequests } from './trace-requests.ts';
import { type Capability, registerUi } from './ui.ts';
import { sendV3Error } from './v3/errors.ts';
import { registerV3Services } from './v3/services.ts';
import { registerV3TraceSummaries } from './v3/trace-summaries.ts';
import { registerV3Traces } from './v3/traces.ts';

export interface HttpServerOptions {
  readonly environment: QueryEnvironment;
  readonly tenantOf: (request: FastifyRequest) => Tenant;
  readonly metrics: QueryMetrics;
  readonly tracing: SelfTracing;
  readonly logger: Logger;
  /** `''`, or `/tracing`. */
  readonly basePath: string;
  readonly timeoutMs: number;
  readonly additionalHeaders: Readonly<Record<string, string>>;
  readonly compression: boolean;
  readonly uiDirectory?: string | undefined;
}

/** Longer than any name of a service; the request line is bounded by node:http anyway. */
const MAX_PARAMETER_LENGTH = 16_384;

/** Only `POST /api/transform` has a body. */
const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** A client that sends its request more slowly than this is let go. */
const MAX_REQUEST_ARRIVAL_MS = 60_000;

/** Smaller answers fit one packet. */
const COMPRESS_FROM_BYTES = 1_024;

export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    forceCloseConnections: 'idle',
    requestTimeout: MAX_REQUEST_ARRIVAL_MS,
    return503OnClosing: false,
  });
  addSecurityHeaders(app, options.additionalHeaders);
  observeRequests(app, options.metrics);
  if (options.tracing.isOn) traceRequests(app, options.tracing);
  if (options.compression)
    await app.register(fastifyCompress, {
      threshold: COMPRESS_FROM_BYTES,
      encodings: ['zstd', 'gzip', 'deflate', 'identity'],
      // Answers are made once and read once: the level that costs least.
      zlibOptions: { level: 1 },
      customTypes: /^(?:text\/|application\/(?:json|x-protobuf|javascript)|image\/svg)/,
    });
  addRequestContext(app, options);
  await app.register(async (scope) => registerRoutes(scope, options), { prefix: options.basePath });
  return app;
}

async function registerRoutes(app: FastifyInstance, options: HttpServerOptions): Promise<void> {
  const { environment, logger, basePath } = options;
  app.register(async (legacy) => {
    legacy.setErrorHandler((thrown, request, reply) => {
      const error = told(thrown, request, logger);
      return sendLegacyError(reply, httpStatusOf(error), error);
    });
    registerLegacyServices(legacy, environment);
    registerLegacyTraces(legacy, environment);
    registerLegacyDependencies(legacy, environment);
    registerLegacyMetrics(legacy, environment);
    registerArchive(legacy, environment);
    registerTransform(legacy);
  });
  app.register(async (v3) => {
    v3.setErrorHandler((thrown, request, reply) => {
      const error = told(thrown, request, logger);
      return sendV3Error(reply, httpStatusOf(error), error.message);
    });
    registerV3Services(v3, environment);
    registerV3Traces(v3, environment);
    registerV3TraceSummaries(v3, environment);
  });
  const ui = await registerUi(app, options.uiDirectory, basePath, capabilitiesOf(environment));
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.slice(basePath.length).replace(/[?#].*$/s, '');
    if (path === '/api' || path.startsWith('/api/')) return sendNoSuchRoute(app, request, reply);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return reply.code(405).header('Allow', 'GET, HEAD').type(TEXT).send('405 method not allowed\n');
    return ui.sendPage(reply, path);
  });
}

function capabilitiesOf({ archive, serviceMetrics }: QueryEnvironment): readonly Capability[] {
  return [
    ...(archive === undefined ? [] : (['archiveStorage'] as const)),
    ...(serviceMetrics === undefined ? [] : (['metricsStorage'] as const)),
  ];
}

const TEXT = 'text/plain; charset=utf-8';

/** The API is read with GET; another method on one of its paths is refused as such (CONTRACT §7.5). */
function sendNoSuchRoute(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.replace(/[?#].*$/s, '');
  const allowed = (['GET', 'POST'] as const).filter((method) => app.findRoute({ method, url: path }) !== null);
  const isRead = app.hasRoute({ method: 'GET', url: path }) || allowed.includes('GET');
  if (request.method === 'GET' || request.method === 'HEAD' || !isRead)
    return reply.code(404).type(TEXT).send('404 page not found\n');
  const allow = 'GET, HEAD, OPTIONS';
  if (request.method === 'OPTIONS') return reply.code(204).header('Allow', allow).send();
  return reply.code(405).header('Allow', allow).type(TEXT).send('405 method not allowed\n');
}

function observeRequests(app: FastifyInstance, metrics: QueryMetrics): void {
  app.addHook('onResponse', async (request, reply) => {
    const { operation } = request.routeOptions.config;
    if (operation === undefined) return;
    metrics.observe(operation, reply.statusCode < 400 ? 'ok' : 'error', reply.elapsedTime / 1_000);
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.operation !== undefined) reply.header('cache-control', 'no-store');
  });
}

/** What the client is told. Faults of our own go to the log with their trace. */
function told(thrown: unknown, request: FastifyRequest, logger: Logger): SpoorError {
  const { signal } = request.queryContext ?? {};
  const error = signal?.aborted === true ? classify(signal.reason) : asSpoorError(thrown);
  if (error.code === 'SPOOR_INTERNAL')
    logger.error({ err: error, operation: request.routeOptions.config.operation }, 'an HTTP request failed');
  return error;
}
