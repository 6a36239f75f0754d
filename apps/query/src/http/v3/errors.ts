import type { FastifyReply } from 'fastify';
import { sendJson } from '../json.ts';

/** Errors of the HTTP API of version 3 (CONTRACT §7.5). */
export function sendV3Error(reply: FastifyReply, status: number, message: string): FastifyReply {
  return sendJson(reply.code(status), { error: { httpCode: status, message } });
}
