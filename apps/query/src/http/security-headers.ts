import type { FastifyInstance } from 'fastify';

/**
 * Everything of the page comes from where the page came from, and nothing in it is evaluated: what a span says can be shown,
 * never run.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer; `additional` are the operator's own and win. */
export function addSecurityHeaders(app: FastifyInstance, additional: Readonly<Record<string, string>>): void {
  const headers = {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    ...additional,
  };
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
}
