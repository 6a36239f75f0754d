import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import cors from '@fastify/cors';
import { type Component, classify, SpoorError } from '@spoor/model';
import { formatAddress, listenError, type Tenancy } from '@spoor/service';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { CollectorConfig } from '../../config.ts';
import { CONTENT_TYPES, describeRejections, exportResponse, type OtlpFormat, statusBody } from './answers.ts';
import { HeldBytes, readBody } from './body.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import { inflateBody, inflaterOf } from './inflate.ts';
import type { Intake } from './intake.ts';
import type { ReceiverMetrics } from './metrics.ts';
import { originMatcher } from './origins.ts';
import { otlpErrorOf } from './status.ts';

export interface HttpReceiverOptions {
  readonly config: CollectorConfig['otlp']['http'];
  readonly intake: Intake;
  readonly inFlight: BytesInFlight;
  readonly metrics: ReceiverMetrics;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
}

export interface Receiver extends Component {
  /** `host:port` in use. `undefined` while it does not listen. */
  address(): string | undefined;
}

/** Request headers beyond this are refused with 431. */
const MAX_HEADER_BYTES = 16 * 1024;

/** After a refusal, how long what the sender still sends is read and thrown away, so that it gets to read the answer. */
const LINGER_MS = 2_000;

const FORMATS: ReadonlyMap<string, OtlpFormat> = new Map([
  [CONTENT_TYPES.protobuf, 'protobuf'],
  [CONTENT_TYPES.json, 'json'],
]);

/** Receives OTLP over HTTP, protobuf and JSON (CONTRACT §2.1). */
export function createHttpReceiver(options: HttpReceiverOptions): Receiver {
  const { config, intake, inFlight, metrics, tenancy, logger } = options;
  let app: FastifyInstance | undefined;
  let bound: string | undefined;

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const format = FORMATS.get(mediaTypeOf(request.headers['content-type']));
    if (format === undefined) {
      metrics.refused('http', 'SPOOR_UNSUPPORTED_MEDIA_TYPE');
      return refuse(
        reply,
        415,
        'text/plain',
        `415 unsupported media type, supported: [${[...FORMATS.keys()].join(', ')}]\n`,
      );
    }
    const held = new HeldBytes(inFlight);
    try {
      const tenant = tenancy.fromHttpHeaders(request.headers);
      const inflate = inflaterOf(request.headers['content-encoding']);
      let bytes = await readBody(request.raw, config.maxBodyBytes, held);
      if (inflate !== undefined) {
        bytes = inflateBody(inflate, bytes, config.maxBodyBytes);
        held.take(bytes.length);
      }
      const { accepted, rejected } = await intake.take({ bytes, format, transport: 'http', tenant });
      if (accepted === 0 && rejected.length > 0)
        throw new SpoorError('SPOOR_INVALID_REQUEST', describeRejections(rejected));
      reply.header('content-type', CONTENT_TYPES[format]);
      return reply.send(exportResponse(rejected, format));
    } catch (thrown) {
      return fail(reply, classify(thrown), format);
    } finally {
      held.release();
    }
  }

  function fail(reply: FastifyReply, error: SpoorError, format: OtlpFormat): unknown {
    metrics.refused('http', error.code);
    if (error.code === 'SPOOR_INTERNAL') logger.error({ err: error }, 'a request could not be taken');
    const told = otlpErrorOf(error);
    if (told.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(told.retryAfterMs / 1000)));
    return refuse(reply, told.http, CONTENT_TYPES[format], statusBody(told, format));
  }

  async function open(): Promise<FastifyInstance> {
    const opened = Fastify({
      logger: false,
      requestTimeout: config.requestTimeout,
      keepAliveTimeout: config.keepAliveTimeout,
      return503OnClosing: false,
      forceCloseConnections: 'idle',
      http: {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: Math.min(config.headersTimeout, config.requestTimeout),
        connectionsCheckingInterval: Math.min(5_000, config.requestTimeout),
      },
    });
    if (config.cors.allowedOrigins.length > 0)
      await opened.register(cors, {
        origin: originMatcher(config.cors.allowedOrigins),
        methods: ['POST'],
        allowedHeaders: [
          'Accept',
          'Content-Type',
          'Content-Encoding',
          'X-Requested-With',
          ...config.cors.allowedHeaders,
        ],
      });
    // Bodies are read by the receiver, which bounds them as they come; fastify leaves them alone.
    opened.removeAllContentTypeParsers();
    opened.addContentTypeParser('*', (_request, _payload, done) => done(null));
    opened.post(config.tracesPath, receive);
    // A connection that stays open after its last answer would hold up the end.
    opened.addHook('onSend', async (_request, reply) => {
      if (bound === undefined) reply.header('connection', 'close');
    });
    opened.setNotFoundHandler((request, reply) => {
      if (request.url.split('?', 1)[0] !== config.tracesPath)
        return refuse(reply, 404, 'text/plain', `404 not found: spans are taken at POST ${config.tracesPath}\n`);
      reply.header('allow', 'POST');
      return refuse(reply, 405, 'text/plain', '405 method not allowed, supported: [POST]\n');
    });
    opened.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, _request, reply) => {
      const status = error.statusCode ?? 500;
      if (status >= 500) logger.error({ err: error }, 'a request failed');
      return refuse(reply, status, 'text/plain', `${status} ${status >= 500 ? 'internal error' : error.message}\n`);
    });
    return opened;
  }

  return {
    name: 'otlp-http',
    address: () => bound,
    async start() {
      const { host, port } = config.endpoint;
      app = await open();
      try {
        await app.listen({ host, port });
      } catch (cause) {
        throw listenError(cause, config.endpoint, 'collector.otlp.http.endpoint');
      }
      bound = formatAddress({ host, port: (app.server.address() as AddressInfo).port });
      logger.info({ listener: 'otlp-http', address: bound }, 'listening');
    },
    async stop(signal) {
      const closing = app;
      app = undefined;
      bound = undefined;
      if (closing === undefined) return;
      const force = () => closing.server.closeAllConnections();
      if (signal.aborted) force();
      signal.addEventListener('abort', force, { once: true });
      await closing.close();
      signal.removeEventListener('abort', force);
    },
  };
}

function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/**
 * Answers although the body may not have been read. Closing at once would reset the connection under a sender that still
 * writes, and it would never see the answer: so the rest is thrown away for a while first.
 */
function refuse(reply: FastifyReply, status: number, contentType: string, body: string | Buffer): unknown {
  const request = reply.request.raw;
  reply.code(status).header('content-type', contentType);
  if (request.complete || !hasBody(request)) return reply.send(body);
  const response = reply.raw;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-length': bytes.length,
    connection: 'close',
  });
  response.write(bytes);
  reply.hijack();
  linger(request, response);
  return reply;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function linger(request: IncomingMessage, response: ServerResponse): void {
  const finish = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(finish, LINGER_MS);
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}
