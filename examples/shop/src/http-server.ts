import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { recordFailure } from './failure.ts';

export interface ShopRequest {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** By method and path, with parameters in braces: `GET /products/{id}`. */
export type Routes = Readonly<Record<string, (request: ShopRequest) => Promise<Reply>>>;

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Match {
  readonly route: string;
  readonly parameters: Record<string, string>;
}

function match(routes: Routes, method: string, path: string): Match | undefined {
  const parts = path.split('/');
  for (const route of Object.keys(routes)) {
    const [routeMethod, routePath] = route.split(' ');
    const names = (routePath ?? '').split('/');
    if (routeMethod !== method || names.length !== parts.length) continue;
    const parameters: Record<string, string> = {};
    const fits = names.every((name, index) => {
      const part = parts[index] ?? '';
      if (!name.startsWith('{')) return name === part;
      parameters[name.slice(1, -1)] = decodeURIComponent(part);
      return part !== '';
    });
    if (fits) return { route, parameters };
  }
  return undefined;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}

/** Serves the routes on a free port of the loopback address, each request as a span of kind server. */
export async function serve(tracer: Tracer, routes: Routes): Promise<HttpServer> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://shop');
    const method = request.method ?? 'GET';
    const found = match(routes, method, url.pathname);
    const span = tracer.startSpan(
      found?.route ?? method,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': method,
          'url.scheme': 'http',
          'url.path': url.pathname,
          ...(url.search === '' ? {} : { 'url.query': url.search.slice(1) }),
          ...(found ? { 'http.route': found.route.slice(method.length + 1) } : {}),
          'client.address': request.socket.remoteAddress ?? '',
          'user_agent.original': request.headers['user-agent'] ?? '',
        },
      },
      propagation.extract(ROOT_CONTEXT, request.headers),
    );
    let reply: Reply = { status: 404, body: { message: 'there is no such page' } };
    try {
      const handler = found && routes[found.route];
      if (handler) {
        const body = await readJson(request);
        reply = await context.with(trace.setSpan(ROOT_CONTEXT, span), () =>
          handler({ parameters: found.parameters, query: url.searchParams, body }),
        );
      }
    } catch (error) {
      recordFailure(span, error);
      reply = { status: 500, body: { message: error instanceof Error ? error.message : String(error) } };
    }
    span.setAttribute('http.response.status_code', reply.status);
    if (reply.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: `answered ${reply.status}` });
    span.end();
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(JSON.stringify(reply.body));
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
