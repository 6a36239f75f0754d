import type { SelfTracing, TracedWork } from '@spoor/self-tracing';
import type { FastifyInstance } from 'fastify';

/** Traces each request to the API, below the span that asked when it says so in `traceparent`. */
export function traceRequests(app: FastifyInstance, tracing: SelfTracing): void {
  const underWay = new WeakMap<object, TracedWork>();
  app.addHook('onRequest', (request, _reply, done) => {
    const { operation } = request.routeOptions.config;
    const parent = request.headers['traceparent'];
    const work =
      operation === undefined
        ? undefined
        : tracing.begin({
            name: `query ${operation}`,
            kind: 'query',
            parent: typeof parent === 'string' ? parent : undefined,
            attributes: {
              'http.request.method': request.method,
              'http.route': request.routeOptions.url ?? '',
            },
          });
    if (work === undefined) return done();
    underWay.set(request, work);
    work.within(done);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { statusCode } = reply;
    const failure = statusCode < 500 ? undefined : new Error(`answered ${statusCode}`);
    underWay.get(request)?.end({ 'http.response.status_code': statusCode }, failure);
  });
}
