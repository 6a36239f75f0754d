import type { FastifyReply } from 'fastify';

/** As bytes, because fastify adds a charset to text, and the peer's clients compare the whole content type. */
export function sendJson(reply: FastifyReply, body: unknown, indentation?: number): FastifyReply {
  return reply.type('application/json').send(Buffer.from(JSON.stringify(body, null, indentation)));
}
