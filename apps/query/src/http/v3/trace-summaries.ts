import type { TraceSummary } from '@spoor/model';
import type { FastifyInstance } from 'fastify';
import type { QueryEnvironment } from '../environment.ts';
import { sendJson } from '../json.ts';
import { Parameters } from '../parameters.ts';
import { contextOf } from '../request-context.ts';
import { v3TraceQuery } from './search-query.ts';

/** `/api/v3/trace-summaries` (CONTRACT §7.5); `nextPage` and `incomplete` are Spoor's additions. */
export function registerV3TraceSummaries(app: FastifyInstance, { reader, maxSearchDepth }: QueryEnvironment): void {
  app.get('/api/v3/trace-summaries', { config: { operation: 'find_trace_summaries' } }, async (request, reply) => {
    const context = contextOf(request);
    const found = await reader.findTraces(v3TraceQuery(new Parameters(request.query), maxSearchDepth), context);
    const summaries = await reader.summariseTraces(
      found.items.map(({ traceId }) => traceId),
      context,
    );
    return sendJson(reply, {
      ...(summaries.length === 0 ? {} : { summaries: summaries.map(summaryJson) }),
      ...(found.nextPage === undefined ? {} : { nextPage: found.nextPage }),
      ...(found.incomplete === undefined ? {} : { incomplete: found.incomplete }),
    });
  });
}

/** As proto3 writes JSON: fields that are zero are left out, 64-bit integers are text. */
function summaryJson(summary: TraceSummary): Record<string, unknown> {
  const { traceId, rootServiceName, rootOperationName, spanCount, errorSpanCount, orphanSpanCount } = summary;
  return withoutZeros({
    traceId,
    rootServiceName,
    rootOperationName,
    minStartTimeUnixNano: summary.startTimeUnixNano === 0n ? '' : summary.startTimeUnixNano.toString(),
    maxEndTimeUnixNano: summary.endTimeUnixNano === 0n ? '' : summary.endTimeUnixNano.toString(),
    spanCount,
    errorSpanCount,
    orphanSpanCount,
    services: summary.services.map((service) => withoutZeros({ ...service })),
  });
}

function withoutZeros(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0 && value !== ''));
}
