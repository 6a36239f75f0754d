import type { FastifyInstance } from 'fastify';
import type { QueryEnvironment } from '../environment.ts';
import { invalid, Parameters } from '../parameters.ts';
import { contextOf } from '../request-context.ts';
import { envelope, sendEnvelope } from './envelope.ts';

/** `/api/services`, `/api/services/{s}/operations` and `/api/operations` (CONTRACT §7.2). */
export function registerLegacyServices(app: FastifyInstance, { reader }: QueryEnvironment): void {
  app.get('/api/services', { config: { operation: 'get_services' } }, async (request, reply) => {
    const services = await reader.getServices(contextOf(request));
    return sendEnvelope(request, reply, envelope(services, services.length));
  });

  app.get<{ Params: { service: string } }>(
    '/api/services/:service/operations',
    { config: { operation: 'get_operations' } },
    async (request, reply) => {
      const operations = await reader.getOperations(request.params.service, contextOf(request));
      const names = [...new Set(operations.map(({ name }) => name))];
      return sendEnvelope(request, reply, envelope(names, names.length));
    },
  );

  app.get('/api/operations', { config: { operation: 'get_operations' } }, async (request, reply) => {
    const parameters = new Parameters(request.query);
    const service = parameters.text('service');
    if (service === undefined) throw invalid("parameter 'service' is required");
    const operations = await reader.getOperations(service, contextOf(request), parameters.spanKind('spanKind'));
    const data = operations.map(({ name, spanKind }) => ({
      name,
      spanKind: spanKind === 'unspecified' ? '' : spanKind,
    }));
    return sendEnvelope(request, reply, envelope(data, data.length));
  });
}
