import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** After a refusal, how long what the sender still sends is read and thrown away, so that it gets to read the answer. */
const LINGER_MS = 2_000;

/**
 * Answers although the body may not have been read. Closing at once would reset the connection under a sender that still
 * writes, and it would never see the answer: so the rest is thrown away for a while first.
 */
export function refuse(reply: FastifyReply, status: number, contentType: string, body: string | Buffer): unknown {
  const request = reply.request.raw;
  reply.code(status).header('content-type', contentType);
  if (request.complete || !hasBody(request)) return reply.send(body);
  const response = reply.raw;
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-length': bytes.length,
    connection: 'close',
  });
  response.write(bytes);
  reply.hijack();
  linger(request, response);
  return reply;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function linger(request: IncomingMessage, response: ServerResponse): void {
  const finish = () => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(finish, LINGER_MS);
  request.once('end', finish);
  request.once('close', finish);
  request.resume();
}
