import { performServerHandshake } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Component, SpoorError } from '@spoor/model';
import { formatAddress, type ListenAddress, listenError } from '@spoor/service';
import type { Logger } from 'pino';
import type { CallEnvironment } from './call.ts';
import { type Connection, type ConnectionTimes, superviseConnection } from './connection.ts';
import { createHealth } from './health.ts';
import type { ByteBudget, Inflaters } from './message-reader.ts';
import type { GrpcMethods } from './method.ts';
import { OpenCalls } from './open-calls.ts';
import { serveStream } from './serve-stream.ts';
import { type CallStatus, statusOfError } from './status.ts';

export interface GrpcLimits extends ConnectionTimes {
  /** The largest message, on the wire as well as inflated. */
  readonly maxMessageBytes: number;
  /** Calls at once on one connection. */
  readonly maxConcurrentStreams: number;
  /** How long a sender may take to send its message. */
  readonly requestTimeoutMs: number;
}

export interface GrpcServerOptions {
  /** What the log calls the listener. */
  readonly name: string;
  readonly endpoint: ListenAddress;
  /** The path of the setting that holds the endpoint. */
  readonly setting: string;
  /** What is served, besides `grpc.health.v1`. */
  readonly methods: GrpcMethods;
  readonly limits: GrpcLimits;
  /** Bounds the bytes of messages that are held, half received ones too. */
  readonly budget: ByteBudget;
  /** How messages may be compressed. */
  readonly inflaters: Inflaters;
  readonly logger: Logger;
  /** By default the status of the error's code, without details. */
  readonly statusOf?: (error: SpoorError) => CallStatus;
  /** Every call that fails, once. */
  readonly onFailure: (error: SpoorError) => void;
  readonly random?: () => number;
}

export interface GrpcServer extends Component {
  /** `host:port` in use. `undefined` while it does not listen. */
  address(): string | undefined;
}

/** Above what exporters send as one request; a sender rarely waits for room. What comes is read at once, and counted. */
const WINDOW_BYTES = 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
/** What one connection may make Node hold beside messages, in megabytes: header tables, streams, what waits to be sent. */
const MAX_SESSION_MEGABYTES = 4;

/**
 * Serves gRPC over HTTP/2 without TLS. Every byte of a message is counted against the budget before it is kept, and the server
 * answers each call exactly once. `stop` lets calls under way finish until its signal aborts.
 */
export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const { name, endpoint, limits, logger, random = Math.random } = options;
  const services = new Set(Object.keys(options.methods).map((path) => path.split('/')[1] ?? ''));
  const health = createHealth([...services]);
  const methods = new Map(Object.entries({ ...options.methods, ...health.methods }));
  const connections = new Set<Connection>();
  const environment: CallEnvironment = {
    inflaters: options.inflaters,
    limits: { maxMessageBytes: limits.maxMessageBytes, budget: options.budget },
    requestTimeoutMs: limits.requestTimeoutMs,
    open: new OpenCalls(),
    statusOf: options.statusOf ?? statusOfError,
    onFailure: options.onFailure,
    responseHeaders: {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-accept-encoding': ['identity', ...options.inflaters.keys()].join(','),
    },
  };
  let server: Server | undefined;
  let bound: string | undefined;

  function accept(socket: Socket): void {
    const session = performServerHandshake(socket, {
      settings: {
        initialWindowSize: WINDOW_BYTES,
        maxConcurrentStreams: limits.maxConcurrentStreams,
        maxHeaderListSize: MAX_HEADER_BYTES,
        enablePush: false,
      },
      maxSessionMemory: MAX_SESSION_MEGABYTES,
    });
    session.once('connect', () => session.setLocalWindowSize(WINDOW_BYTES));
    const connection = superviseConnection(session, limits, random);
    connections.add(connection);
    session.on('close', () => connections.delete(connection));
    // What the other side did wrong ends its connection, and is nobody else's trouble.
    session.on('error', (error) => logger.debug({ listener: name, err: error }, 'a connection broke'));
    session.on('stream', (stream, headers, _flags, raw) => serveStream(stream, headers, raw, methods, environment));
  }

  return {
    name,
    address: () => bound,
    async start() {
      const opened = createServer({ noDelay: true }, accept);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      opened.once('error', reject);
      opened.listen(endpoint, resolve);
      try {
        await promise;
      } catch (cause) {
        throw listenError(cause, endpoint, options.setting);
      }
      opened.off('error', reject);
      opened.on('error', (error) => logger.error({ listener: name, err: error }, 'the listener failed'));
      server = opened;
      bound = formatAddress({ host: endpoint.host, port: (opened.address() as AddressInfo).port });
      health.start();
      logger.info({ listener: name, address: bound }, 'listening');
    },
    async stop(signal) {
      const closing = server;
      server = undefined;
      bound = undefined;
      if (closing === undefined) return;
      health.stop();
      for (const connection of connections) connection.drain();
      const force = () => {
        for (const connection of connections) connection.destroy();
      };
      if (signal.aborted) force();
      signal.addEventListener('abort', force, { once: true });
      await new Promise<void>((resolve) => closing.close(() => resolve()));
      signal.removeEventListener('abort', force);
    },
  };
}
