import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { SpoorError } from '@spoor/model';
import { pino } from 'pino';
import { createGrpcServer, type GrpcLimits, type GrpcMethods, type GrpcServer } from '../index.ts';

export const LIMITS: GrpcLimits = {
  maxMessageBytes: 1024 * 1024,
  maxConcurrentStreams: 32,
  requestTimeoutMs: 30_000,
  keepaliveTimeMs: 0,
  keepaliveTimeoutMs: 0,
  maxConnectionAgeMs: 0,
  maxConnectionAgeGraceMs: 0,
};

/** A budget that tells what is held. */
export class Budget {
  held = 0;
  highWater = 0;
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  take(bytes: number): void {
    if (this.held + bytes > this.maxBytes) throw new SpoorError('SPOOR_OVERLOADED', 'full', { retryAfterMs: 10 });
    this.held += bytes;
    this.highWater = Math.max(this.highWater, this.held);
  }

  give(bytes: number): void {
    this.held -= bytes;
  }
}

export interface Started {
  readonly server: GrpcServer;
  readonly address: string;
  readonly budget: Budget;
  /** The codes of the calls that failed. */
  readonly failures: string[];
}

export async function startServer(
  methods: GrpcMethods,
  limits: Partial<GrpcLimits> = {},
  budget = new Budget(64 * 1024 * 1024),
): Promise<Started> {
  const failures: string[] = [];
  const server = createGrpcServer({
    name: 'test-grpc',
    endpoint: { host: '127.0.0.1', port: 0 },
    setting: 'test.endpoint',
    methods,
    limits: { ...LIMITS, ...limits },
    budget,
    inflaters: new Map([['gzip', gunzip]]),
    logger: pino({ level: 'silent' }),
    onFailure: ({ code }) => failures.push(code),
    random: () => 0.5,
  });
  await server.start();
  return { server, address: server.address() ?? '', budget, failures };
}

function gunzip(bytes: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength });
  } catch (cause) {
    throw new SpoorError('SPOOR_REQUEST_TOO_LARGE', 'inflates to more', { cause });
  }
}

export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** An HTTP/2 error code; 0 is none. */
  readonly rstCode: number;
}

export function openSession(address: string): ClientHttp2Session {
  const session = connect(`http://${address}`);
  session.on('error', () => undefined);
  return session;
}

export const HEADERS = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };

export function answerOf(stream: ClientHttp2Stream): Promise<RawAnswer> {
  return new Promise((resolve) => {
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    stream.on('response', (got) => {
      headers = got;
    });
    stream.on('trailers', (got) => {
      trailers = got;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => resolve({ headers, trailers, body: Buffer.concat(chunks), rstCode: stream.rstCode ?? 0 }));
  });
}

export function frame(message: Uint8Array | string, flags = 0): Buffer {
  const bytes = Buffer.from(message as string);
  const head = Buffer.alloc(5);
  head[0] = flags;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
