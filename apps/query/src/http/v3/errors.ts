import type { FastifyReply } from 'fastify';

/** Errors of the HTTP API of version 3 (CONTRACT §7.5). */
export function sendV3Error(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ error: { httpCode: status, message } }));
}
