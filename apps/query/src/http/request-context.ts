import type { RequestContext, Tenant } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    queryContext: RequestContext | null;
  }
  interface FastifyContextConfig {
    /** Under which the request is counted and timed. Routes that have it belong to the API. */
    operation?: string;
  }
}

/** Gives every API request its tenant, and a signal that aborts when the client goes away or the deadline passes. */
export function addRequestContext(
  app: FastifyInstance,
  options: { readonly tenantOf: (request: FastifyRequest) => Tenant; readonly timeoutMs: number },
): void {
  app.decorateRequest('queryContext', null);
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.operation === undefined) return;
    const controller = new AbortController();
    const { signal } = controller;
    const timer = setTimeout(() => {
      controller.abort(
        new SpoorError(
          'SPOOR_DEADLINE_EXCEEDED',
          `the answer was not ready within ${options.timeoutMs} ms; ask for less`,
        ),
      );
    }, options.timeoutMs);
    reply.raw.once('close', () => {
      clearTimeout(timer);
      if (!reply.raw.writableFinished)
        controller.abort(new SpoorError('SPOOR_DEADLINE_EXCEEDED', 'the client went away'));
    });
    request.queryContext = { tenant: options.tenantOf(request), signal };
  });
}

/** The context of a request to the API. */
export function contextOf(request: FastifyRequest): RequestContext {
  if (request.queryContext === null) throw new SpoorError('SPOOR_INTERNAL', 'the route has no operation');
  return request.queryContext;
}
