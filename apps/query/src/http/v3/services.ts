import type { FastifyInstance } from 'fastify';
import { presentedOperations } from '../../read/operations.ts';
import type { QueryEnvironment } from '../environment.ts';
import { sendJson } from '../json.ts';
import { invalid, Parameters } from '../parameters.ts';
import { contextOf } from '../request-context.ts';

/** `/api/v3/services` and `/api/v3/operations` (CONTRACT §7.5). */
export function registerV3Services(app: FastifyInstance, { reader }: QueryEnvironment): void {
  app.get('/api/v3/services', { config: { operation: 'get_services' } }, async (request, reply) =>
    sendJson(reply, { services: await reader.getServices(contextOf(request)) }),
  );

  app.get('/api/v3/operations', { config: { operation: 'get_operations' } }, async (request, reply) => {
    const parameters = new Parameters(request.query);
    const service = parameters.text('service');
    if (service === undefined) throw invalid("parameter 'service' is required");
    const spanKind = parameters.spanKind(['spanKind', 'span_kind']);
    return sendJson(reply, {
      operations: presentedOperations(await reader.getOperations(service, contextOf(request)), spanKind),
    });
  });
}
