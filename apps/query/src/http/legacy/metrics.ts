import { SpoorError } from '@spoor/model';
import type { MetricsReader } from '@spoor/storage';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MINUTE_MS } from '../../service-metrics/question.ts';
import { readSeries } from '../../service-metrics/read-series.ts';
import { callRate, errorRate, latency, type Measure } from '../../service-metrics/tallies.ts';
import type { QueryEnvironment } from '../environment.ts';
import { sendJson } from '../json.ts';
import { Parameters } from '../parameters.ts';
import { contextOf } from '../request-context.ts';
import { startedStream } from '../streaming.ts';
import { envelope, isPretty, PRETTY_INDENTATION, sendEnvelope } from './envelope.ts';
import { metricFamilyText } from './metric-family.ts';
import { legacyMetricsQuestion, requiredQuantile } from './metrics-query.ts';

interface Asked {
  /** What the name of the family ends with. */
  readonly name: string;
  readonly measure: Measure;
  readonly help: string;
}

/** `/api/metrics/{latencies,calls,errors}` and `/api/metrics/minstep` (CONTRACT §7.4). */
export function registerLegacyMetrics(app: FastifyInstance, { serviceMetrics, clock }: QueryEnvironment): void {
  app.get('/api/metrics/latencies', { config: { operation: 'get_latencies' } }, (request, reply) =>
    answer(request, reply, (parameters) => {
      const quantile = requiredQuantile(parameters);
      return {
        name: 'latencies',
        measure: latency(quantile),
        help: `milliseconds that the share ${quantile} of the calls did not exceed`,
      };
    }),
  );

  app.get('/api/metrics/calls', { config: { operation: 'get_call_rates' } }, (request, reply) =>
    answer(request, reply, () => ({ name: 'call_rate', measure: callRate, help: 'calls a second' })),
  );

  app.get('/api/metrics/errors', { config: { operation: 'get_error_rates' } }, (request, reply) =>
    answer(request, reply, () => ({ name: 'error_rate', measure: errorRate, help: 'share of the calls that failed' })),
  );

  app.get('/api/metrics/minstep', { config: { operation: 'get_min_step' } }, async (request, reply) => {
    requireMetrics(serviceMetrics);
    return sendEnvelope(request, reply, envelope(MINUTE_MS));
  });

  async function answer(request: FastifyRequest, reply: FastifyReply, read: (parameters: Parameters) => Asked) {
    const reader = requireMetrics(serviceMetrics);
    const parameters = new Parameters(request.query);
    const { name, measure, help } = read(parameters);
    const question = legacyMetricsQuestion(parameters, clock);
    const { byOperation, pointsMs } = question;
    const series = await readSeries(reader, question, measure, contextOf(request));
    const pieces = metricFamilyText({
      name: byOperation ? `service_operation_${name}` : `service_${name}`,
      help: `${help}, by service${byOperation ? ' and operation' : ''}`,
      pointsMs,
      series,
    });
    if (!isPretty(request)) return reply.type('application/json').send(await startedStream(pieces));
    let text = '';
    for await (const piece of pieces) text += piece;
    return sendJson(reply, JSON.parse(text), PRETTY_INDENTATION);
  }
}

function requireMetrics(reader: MetricsReader | undefined): MetricsReader {
  if (reader === undefined)
    throw new SpoorError('SPOOR_NOT_IMPLEMENTED', 'the store of this installation keeps no metrics of services');
  return reader;
}
