import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Component } from '@spoor/model';
import { answerBaggageRestrictions, answerSampling, type HttpAnswer, type SamplingStrategies } from '@spoor/sampling';
import { formatAddress, type ListenAddress, listenError } from '@spoor/service';
import type { Logger } from 'pino';

export interface SamplingServer extends Component {
  /** `host:port` in use. `undefined` while it does not listen. */
  address(): string | undefined;
}

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const PLAIN_TEXT = 'text/plain; charset=utf-8';

/** Tells clients their sampling strategies: `/sampling` and, in the form of old, `/` (CONTRACT §3.1). */
export function createSamplingServer(
  endpoint: ListenAddress,
  { strategies, logger }: { readonly strategies: Pick<SamplingStrategies, 'strategyFor'>; readonly logger: Logger },
): SamplingServer {
  let server: Server | undefined;
  let bound: string | undefined;

  async function answer({ url = '/', method }: IncomingMessage): Promise<HttpAnswer> {
    if (method !== 'GET')
      return { status: 405, contentType: PLAIN_TEXT, body: '405 method not allowed, supported: [GET]\n' };
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    const search = at < 0 ? '' : url.slice(at + 1);
    if (path === '/sampling') return answerSampling(search, strategies, logger);
    if (path === '/') return answerSampling(search, strategies, logger, { isLegacy: true });
    if (path === '/baggageRestrictions') return answerBaggageRestrictions(search);
    return {
      status: 404,
      contentType: PLAIN_TEXT,
      body: '404 not found: strategies are told at GET /sampling?service=\n',
    };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    const { status, contentType, body } = await answer(request);
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  return {
    name: 'agent-http',
    address: () => bound,
    async start() {
      const { host, port } = endpoint;
      const opened = createServer(
        { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
        (request, response) => void handle(request, response),
      );
      try {
        await new Promise<void>((resolve, reject) => {
          opened.once('error', reject);
          opened.listen(port, host, resolve);
        });
      } catch (cause) {
        throw listenError(cause, endpoint, 'http.endpoint');
      }
      server = opened;
      bound = formatAddress({ host, port: (opened.address() as AddressInfo).port });
      logger.info({ listener: 'agent-http', address: bound }, 'listening');
    },
    async stop(signal) {
      const closing = server;
      server = undefined;
      bound = undefined;
      if (closing === undefined) return;
      const closed = new Promise((resolve) => closing.close(resolve));
      closing.closeIdleConnections();
      const force = () => closing.closeAllConnections();
      if (signal.aborted) force();
      signal.addEventListener('abort', force, { once: true });
      await closed;
      signal.removeEventListener('abort', force);
    },
  };
}
