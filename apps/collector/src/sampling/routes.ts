import { answerBaggageRestrictions, answerSampling, type HttpAnswer, type SamplingStrategies } from '@spoor/sampling';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

export interface SamplingRoutes {
  readonly strategies: SamplingStrategies;
  readonly logger: Logger;
}

/** What collectors have beside their receiver of Thrift: `/api/sampling` and `/api/baggageRestrictions` (CONTRACT §3.1). */
export function addCollectorRoutes(app: FastifyInstance, { strategies, logger }: SamplingRoutes): void {
  app.get('/api/sampling', async (request, reply) =>
    send(reply, await answerSampling(searchOf(request), strategies, logger)),
  );
  app.get('/api/baggageRestrictions', (request, reply) => send(reply, answerBaggageRestrictions(searchOf(request))));
}

/**
 * What clients find at an agent (CONTRACT §3.1): the legacy form at `/`, the present one at `/sampling` and, as the peer's
 * second version has it, at any other path.
 */
export function addAgentRoutes(app: FastifyInstance, { strategies, logger }: SamplingRoutes): void {
  app.get('/', async (request, reply) =>
    send(reply, await answerSampling(searchOf(request), strategies, logger, { isLegacy: true })),
  );
  app.get('/baggageRestrictions', (request, reply) => send(reply, answerBaggageRestrictions(searchOf(request))));
  app.get('/*', async (request, reply) => send(reply, await answerSampling(searchOf(request), strategies, logger)));
}

function searchOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?');
  return at < 0 ? '' : request.url.slice(at + 1);
}

function send(reply: FastifyReply, { status, contentType, body }: HttpAnswer): FastifyReply {
  // As bytes: to text the server would add a charset.
  return reply.code(status).header('content-type', contentType).send(Buffer.from(body));
}
