import type { Span } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { FastifyInstance } from 'fastify';
import type { QueryEnvironment } from '../environment.ts';
import { contextOf } from '../request-context.ts';
import { envelope, sendEnvelope } from './envelope.ts';
import { traceIdOf } from './search-query.ts';

/** `POST /api/archive/{id}`: copies a trace as it is stored to where retention does not take it (CONTRACT §7.2). */
export function registerArchive(app: FastifyInstance, { reader, archive }: QueryEnvironment): void {
  app.post<{ Params: { id: string } }>(
    '/api/archive/:id',
    { config: { operation: 'archive_trace' } },
    async (request, reply) => {
      const traceId = traceIdOf('traceID', request.params.id);
      // The peer's own words and status.
      if (archive === undefined)
        throw new SpoorError('SPOOR_INVALID_CONFIGURATION', 'archive span storage was not configured');
      const context = contextOf(request);
      let found = false;
      for await (const spans of reader.getTrace(traceId, context)) {
        found ||= spans.length > 0;
        await keep(spans);
      }
      if (!found) throw new SpoorError('SPOOR_NOT_FOUND', 'trace not found');
      return sendEnvelope(request, reply, envelope([]));

      async function keep(spans: readonly Span[]): Promise<void> {
        if (spans.length === 0) return;
        const batch = { tenant: context.tenant, encoding: 'otlp_proto', spanCount: spans.length } as const;
        const { rejected } = await archive!.writer.write([{ ...batch, bytes: encodeTraces(spans) }], context);
        if (rejected.length === 0) return;
        throw new SpoorError('SPOOR_INTERNAL', `the archive refused spans of the trace: ${rejected[0]?.message}`);
      }
    },
  );
}
