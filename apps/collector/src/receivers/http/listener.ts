import type { AddressInfo } from 'node:net';
import cors from '@fastify/cors';
import type { Component } from '@spoor/model';
import { formatAddress, listenError } from '@spoor/service';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { HttpSettings } from './config.ts';
import { originMatcher } from './origins.ts';
import { refuse } from './refuse.ts';

export interface HttpListenerOptions {
  /** As the log and readiness have it. */
  readonly name: string;
  /** The setting that says where it listens. */
  readonly setting: string;
  readonly config: HttpSettings;
  readonly logger: Logger;
  /** Whether a Content-Type that is none reaches the handlers too, in the raw request only; else it is answered with 415. */
  readonly takesAnyContentType?: boolean;
  /** Bodies are not read for the handlers: those who take them bound them as they come. */
  readonly addRoutes: (app: FastifyInstance) => void;
}

export interface Receiver extends Component {
  /** `host:port` in use. `undefined` while it does not listen. */
  address(): string | undefined;
}

/** Request headers beyond this are refused with 431. */
const MAX_HEADER_BYTES = 16 * 1024;

/** A type, a slash and a subtype, all of them tokens (RFC 9110, section 8.3.1), and perhaps parameters. */
const CONTENT_TYPE = /^\s*[!#$%&'*+.^_`|~A-Za-z0-9-]+\/[!#$%&'*+.^_`|~A-Za-z0-9-]+\s*(?:;|$)/;

/** The life of an HTTP receiver: listens, and at the end answers what is under way and closes what idles. */
export function createHttpListener(options: HttpListenerOptions): Receiver {
  const { name, setting, config, logger, addRoutes, takesAnyContentType = false } = options;
  let app: FastifyInstance | undefined;
  let bound: string | undefined;

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
    opened.removeAllContentTypeParsers();
    opened.addContentTypeParser('*', (_request, _payload, done) => done(null));
    if (takesAnyContentType)
      opened.addHook('onRequest', (request, _reply, done) => {
        const contentType = request.raw.headers['content-type'];
        if (contentType !== undefined && !CONTENT_TYPE.test(contentType))
          request.headers = { 'content-type': undefined };
        done();
      });
    addRoutes(opened);
    // A connection that stays open after its last answer would hold up the end.
    opened.addHook('onSend', async (_request, reply) => {
      if (bound === undefined) reply.header('connection', 'close');
    });
    opened.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, _request, reply) => {
      const status = error.statusCode ?? 500;
      if (status >= 500) logger.error({ err: error }, 'a request failed');
      return refuse(reply, status, 'text/plain', `${status} ${status >= 500 ? 'internal error' : error.message}\n`);
    });
    return opened;
  }

  return {
    name,
    address: () => bound,
    async start() {
      const { host, port } = config.endpoint;
      app = await open();
      try {
        await app.listen({ host, port });
      } catch (cause) {
        throw listenError(cause, config.endpoint, setting);
      }
      bound = formatAddress({ host, port: (app.server.address() as AddressInfo).port });
      logger.info({ listener: name, address: bound }, 'listening');
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

export function isContentType(contentType: string): boolean {
  return CONTENT_TYPE.test(contentType);
}

/** The media type of a Content-Type header, without its parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
}

/** Answers 404, or 405 at a path that takes only POST. */
export function refuseOthers(app: FastifyInstance, path: string): void {
  app.setNotFoundHandler((request, reply) => {
    if (request.url.split('?', 1)[0] !== path)
      return refuse(reply, 404, 'text/plain', `404 not found: spans are taken at POST ${path}\n`);
    reply.header('allow', 'POST');
    return refuse(reply, 405, 'text/plain', '405 method not allowed, supported: [POST]\n');
  });
}
