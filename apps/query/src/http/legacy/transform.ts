import { SpoorError } from '@spoor/model';
import { decodeTraces, protobufFromJson } from '@spoor/otlp';
import type { FastifyInstance } from 'fastify';
import { jaegerTraces } from '../../jaeger-json/trace.ts';
import { envelope, sendEnvelope } from './envelope.ts';

/** `POST /api/transform`: OTLP JSON in, the JSON of the legacy API out, not adjusted and not stored (CONTRACT §7.2). */
export function registerTransform(app: FastifyInstance): void {
  // Whatever the content type says, the body is OTLP JSON.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/api/transform', { config: { operation: 'transform' } }, async (request, reply) => {
    if (!Buffer.isBuffer(request.body) || request.body.length === 0)
      throw new SpoorError('SPOOR_INVALID_REQUEST', 'the body is empty; send OTLP JSON: {"resourceSpans":[…]}');
    const { bytes, faults } = protobufFromJson(request.body);
    for (const [place, fault] of faults)
      throw new SpoorError('SPOOR_MALFORMED_SPANS', `span ${place + 1} of the body: ${fault.message}`);
    return sendEnvelope(request, reply, envelope(jaegerTraces(decodeTraces(bytes))));
  });
}
