import type { SpoorError } from '@spoor/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendJson } from '../json.ts';

export const PRETTY_INDENTATION = 4;

/** An entry of `errors`: `code` is the HTTP status (CONTRACT §7.2). */
export interface LegacyError {
  readonly code?: number;
  readonly msg: string;
  readonly traceID?: string;
}

/** What every legacy answer is wrapped in; the fields in the peer's order (CONTRACT §7.2). */
export interface Envelope {
  readonly data: unknown;
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  readonly errors: readonly LegacyError[] | null;
}

export function envelope(data: unknown, total = 0): Envelope {
  return { data, total, limit: 0, offset: 0, errors: null };
}

/** The end of an envelope whose data went out before. */
export function envelopeEnd(errors: readonly LegacyError[]): string {
  return `,"total":0,"limit":0,"offset":0,"errors":${errors.length === 0 ? 'null' : JSON.stringify(errors)}}`;
}

/** Any non-empty value asks for indented JSON. */
export function isPretty(request: FastifyRequest): boolean {
  return Boolean((request.query as Record<string, unknown>)['prettyPrint']);
}

export function sendEnvelope(request: FastifyRequest, reply: FastifyReply, body: Envelope): FastifyReply {
  return sendJson(reply, body, isPretty(request) ? PRETTY_INDENTATION : undefined);
}

/** Errors are JSON that is called text: clients know it so (CONTRACT §7.2). */
export function sendLegacyError(reply: FastifyReply, status: number, error: SpoorError): FastifyReply {
  const body: Envelope = { data: null, total: 0, limit: 0, offset: 0, errors: [{ code: status, msg: error.message }] };
  return reply.code(status).type('text/plain; charset=utf-8').send(JSON.stringify(body));
}
