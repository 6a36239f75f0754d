import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { readClientTls } from '@spoor/service';
import type { ElasticsearchConfig } from '../settings.ts';
import type { SearchResponse } from './search-server.ts';

/** The largest answer that is taken; a page of spans is far below it. */
const MAX_RESPONSE_BYTES = 512 * 2 ** 20;
/** Smaller bodies are not worth compressing. */
const MIN_GZIP_BYTES = 1_024;
const MAX_SOCKETS_PER_NODE = 64;

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** HTTP/1.1 with connections that stay open. */
export interface HttpClient {
  /** Resolves with any status; throws when there is no answer, when it takes too long, and when `signal` aborts. */
  send(node: string, request: HttpRequest): Promise<SearchResponse>;
  close(): void;
}

const gzip = promisify(zlib.gzip);
const gunzip = promisify(zlib.gunzip);

export function createHttpClient(config: Pick<ElasticsearchConfig, 'tls' | 'gzip'>): HttpClient {
  const options = { keepAlive: true, maxSockets: MAX_SOCKETS_PER_NODE, scheduling: 'lifo' as const };
  const plainAgent = new http.Agent(options);
  const tlsAgent = new https.Agent({ ...options, ...tlsOptionsOf(config.tls) });

  return {
    async send(node, request) {
      const url = new URL(node);
      const headers: Record<string, string | number> = { ...request.headers };
      let body: Uint8Array | undefined = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
      if (config.gzip) {
        headers['accept-encoding'] = 'gzip';
        if (body !== undefined && body.length >= MIN_GZIP_BYTES) {
          body = await gzip(body, { level: 1 });
          headers['content-encoding'] = 'gzip';
        }
      }
      if (body !== undefined) headers['content-length'] = body.length;
      const isTls = url.protocol === 'https:';
      const options: http.RequestOptions = {
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port === '' ? (isTls ? 443 : 80) : url.port,
        path: `${url.pathname === '/' ? '' : url.pathname}${request.path}`,
        method: request.method,
        headers,
        agent: isTls ? tlsAgent : plainAgent,
      };
      for (;;) {
        request.signal.throwIfAborted();
        const sent = (isTls ? https : http).request(options);
        try {
          return await answerTo(sent, body, request);
        } catch (error) {
          // The server closed a connection just as it was used again: nothing is wrong with the server.
          if (!sent.reusedSocket || (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
        }
      }
    },
    close() {
      plainAgent.destroy();
      tlsAgent.destroy();
    },
  };
}

function answerTo(
  sent: http.ClientRequest,
  body: Uint8Array | undefined,
  { signal, timeoutMs }: Pick<HttpRequest, 'signal' | 'timeoutMs'>,
): Promise<SearchResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<SearchResponse>();
  const onAbort = () => sent.destroy(new Error('given up'));
  const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const settle = () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  sent.on('error', reject);
  sent.on('response', (response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_RESPONSE_BYTES) sent.destroy(new Error(`an answer of more than ${MAX_RESPONSE_BYTES} bytes`));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    response.on('close', () => {
      if (!response.complete) reject(new Error('the connection broke within the answer'));
    });
    response.on('end', () => {
      textOf(chunks, response.headers['content-encoding']).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            body: text,
            retryAfterMs: retryAfterOf(response.headers['retry-after']),
          }),
        reject,
      );
    });
  });
  sent.end(body);
  return promise.finally(settle);
}

async function textOf(chunks: readonly Buffer[], encoding: string | undefined): Promise<string> {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  if (encoding !== 'gzip') return bytes.toString('utf8');
  return (await gunzip(bytes, { maxOutputLength: MAX_RESPONSE_BYTES })).toString('utf8');
}

function retryAfterOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}

function tlsOptionsOf(settings: ElasticsearchConfig['tls']): https.AgentOptions {
  const { serverName, verify, ...texts } = readClientTls('storage.elasticsearch.tls', settings);
  return { ...texts, rejectUnauthorized: verify, ...(serverName === undefined ? {} : { servername: serverName }) };
}
