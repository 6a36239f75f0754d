import type { FastifyInstance } from 'fastify';
import type { QueryEnvironment } from '../environment.ts';
import { Parameters } from '../parameters.ts';
import { contextOf } from '../request-context.ts';
import { envelope, sendEnvelope } from './envelope.ts';

const DEFAULT_LOOKBACK_MS = 24 * 3_600_000;
const NANOS_PER_MS = 1_000_000n;

/** `/api/dependencies`: `endTs` and `lookback` in milliseconds, `service` keeps the links that touch it (CONTRACT §7.2). */
export function registerLegacyDependencies(app: FastifyInstance, { dependencies, clock }: QueryEnvironment): void {
  app.get('/api/dependencies', { config: { operation: 'get_dependencies' } }, async (request, reply) => {
    const parameters = new Parameters(request.query);
    const endMs = parameters.wholeNumber('endTs') ?? clock.nowMs();
    const lookbackMs = parameters.wholeNumber('lookback') ?? DEFAULT_LOOKBACK_MS;
    const service = parameters.text('service');
    const time = {
      startUnixNano: BigInt(Math.max(0, Math.floor(endMs - lookbackMs))) * NANOS_PER_MS,
      endUnixNano: BigInt(Math.floor(endMs)) * NANOS_PER_MS,
    };
    const links = await dependencies.getDependencies(time, contextOf(request));
    const data = links
      .filter(({ parent, child }) => service === undefined || parent === service || child === service)
      .map(({ parent, child, callCount }) => ({ parent, child, callCount }));
    return sendEnvelope(request, reply, envelope(data));
  });
}
