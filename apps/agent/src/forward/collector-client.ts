import {
  Client,
  type ClientOptions,
  credentials,
  status as grpcStatus,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { SpoorError } from '@spoor/model';
import { type ClientTls, errorCodeOfGrpcStatus } from '@spoor/service';
import { type Connections, watchConnections } from './connections.ts';

export interface CollectorClientConfig {
  /** `host:port` or `dns:///name:port`, at least one. A name with several addresses is all of them, in turn. */
  readonly endpoints: readonly string[];
  readonly timeoutMs: number;
  /** What each call carries as metadata. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
}

export interface CollectorClient {
  /**
   * Calls a unary method with bytes, at the collectors in turn; one that is not there is passed over. Throws a `SpoorError` with
   * the meaning of the status, `SPOOR_SPAN_LOG_UNAVAILABLE` when none is there.
   */
  call(path: string, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /** Connects before the first call, and again whenever a connection is lost. */
  connect(): void;
  readonly connections: () => Connections;
  close(): void;
}

/** All addresses of a name, in turn. */
const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });
/** A collector that comes back is found again so soon. */
const MAX_RECONNECT_MS = 5_000;

const identity = (bytes: Buffer): Buffer => bytes;

/** Talks to collectors over gRPC. */
export function createCollectorClient({
  endpoints,
  timeoutMs,
  headers = {},
  tls,
}: CollectorClientConfig): CollectorClient {
  const security = tls === undefined ? credentials.createInsecure() : secured(tls);
  const options: ClientOptions = {
    'grpc.service_config': ROUND_ROBIN,
    'grpc.max_reconnect_backoff_ms': MAX_RECONNECT_MS,
    'grpc.initial_reconnect_backoff_ms': 100,
    ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
  };
  const clients = endpoints.map((endpoint) => new Client(endpoint, security, options));
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const watch = watchConnections(clients.map((client) => client.getChannel()));
  let next = 0;

  function callOne(client: Client, path: string, request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + timeoutMs;
      const done = (error: ServiceError | null, answer?: Buffer) => {
        signal.removeEventListener('abort', cancel);
        if (error !== null) reject(error);
        else resolve(answer ?? new Uint8Array(0));
      };
      const bytes = Buffer.from(request);
      const call = client.makeUnaryRequest(path, identity, identity, bytes, metadata, { deadline }, done);
      const cancel = () => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
    });
  }

  return {
    async call(path, request, signal) {
      const first = next;
      next = (next + 1) % clients.length;
      let failure: ServiceError | undefined;
      for (let i = 0; i < clients.length && !signal.aborted; i += 1) {
        try {
          return await callOne(clients[(first + i) % clients.length]!, path, request, signal);
        } catch (thrown) {
          failure = thrown as ServiceError;
          if (failure.code !== grpcStatus.UNAVAILABLE) break;
        }
      }
      throw errorOf(failure);
    },
    connect: () => watch.begin(),
    connections: () => watch.now(),
    close() {
      for (const client of clients) client.close();
    },
  };
}

function errorOf(
  failure: { readonly code: number; readonly details: string; readonly metadata?: Metadata } | undefined,
) {
  const details = failure?.details ?? 'the agent is stopping';
  const code = failure === undefined ? 'SPOOR_SHUTTING_DOWN' : errorCodeOfGrpcStatus(failure.code);
  return new SpoorError(code, `the collector answered: ${details}`, { cause: failure });
}

function secured({ ca, cert, key, verify }: ClientTls) {
  const unverified = verify ? {} : { rejectUnauthorized: false, checkServerIdentity: () => undefined };
  const bytes = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem));
  return credentials.createSsl(bytes(ca), bytes(key), bytes(cert), unverified);
}
