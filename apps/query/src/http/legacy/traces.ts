import type { RequestContext, Span, TraceId } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import type { TimeRange } from '@spoor/storage';
import type { FastifyInstance } from 'fastify';
import { legacyTraceId } from '../../jaeger-json/ids.ts';
import { jaegerTrace, jaegerTraceText } from '../../jaeger-json/trace.ts';
import type { TraceAnswers } from '../../read/trace-answers.ts';
import type { QueryEnvironment } from '../environment.ts';
import { sendJson } from '../json.ts';
import { Parameters } from '../parameters.ts';
import { contextOf } from '../request-context.ts';
import { startedStream } from '../streaming.ts';
import { envelope, envelopeEnd, isPretty, type LegacyError, PRETTY_INDENTATION, sendEnvelope } from './envelope.ts';
import { legacyTraceQuery, requestedTraceIds, traceIdOf } from './search-query.ts';

/** `/api/traces` and `/api/traces/{id}` (CONTRACT §7.2). */
export function registerLegacyTraces(app: FastifyInstance, environment: QueryEnvironment): void {
  const { reader, answers, clock, maxSearchDepth } = environment;

  app.get('/api/traces', { config: { operation: 'find_traces' } }, async (request, reply) => {
    const parameters = new Parameters(request.query);
    const context = contextOf(request);
    const raw = parameters.boolean('raw');
    const wanted = requestedTraceIds(parameters);
    const errors: LegacyError[] = [];
    let traceIds = wanted;
    if (wanted.length === 0) {
      const page = await reader.findTraces(legacyTraceQuery(parameters, clock, maxSearchDepth), context);
      traceIds = page.items.map(({ traceId }) => traceId);
      if (page.incomplete !== undefined) errors.push({ msg: page.incomplete });
    }
    const pieces = searchText(answers, traceIds, wanted.length > 0, errors, raw, context);
    if (!isPretty(request)) return reply.type('application/json').send(await startedStream(pieces));
    let text = '';
    for await (const piece of pieces) text += piece;
    return sendJson(reply, JSON.parse(text), PRETTY_INDENTATION);
  });

  app.get<{ Params: { id: string } }>(
    '/api/traces/:id',
    { config: { operation: 'get_trace' } },
    async (request, reply) => {
      const parameters = new Parameters(request.query);
      const traceId = traceIdOf('traceID', request.params.id);
      const raw = parameters.boolean('raw');
      const hint = hintOf(parameters);
      const trace = await answers.readTrace(traceId, contextOf(request), { raw, hint });
      if (trace === undefined) throw new SpoorError('SPOOR_NOT_FOUND', 'trace not found');
      if (isPretty(request)) return sendEnvelope(request, reply, envelope([jaegerTrace(traceId, trace.spans)]));
      return reply.type('application/json').send(await startedStream(traceText(traceId, trace.spans)));
    },
  );
}

async function* searchText(
  answers: TraceAnswers,
  traceIds: readonly TraceId[],
  reportMissing: boolean,
  errors: LegacyError[],
  raw: boolean,
  context: RequestContext,
): AsyncGenerator<string> {
  let separator = '{"data":[';
  for await (const { traceId, trace } of answers.readTraces(traceIds, context, { raw })) {
    if (trace === undefined) {
      // Found by a search and gone since: retention took it, which is no error.
      if (reportMissing) errors.push({ msg: 'trace not found', traceID: legacyTraceId(traceId) });
      continue;
    }
    for (const piece of jaegerTraceText(traceId, trace.spans)) {
      yield separator + piece;
      separator = '';
    }
    separator = ',';
  }
  yield `${separator === ',' ? '' : separator}]${envelopeEnd(errors)}`;
}

async function* traceText(traceId: TraceId, spans: readonly Span[]): AsyncGenerator<string> {
  yield '{"data":[';
  yield* jaegerTraceText(traceId, spans);
  yield `]${envelopeEnd([])}`;
}

function hintOf(parameters: Parameters): TimeRange | undefined {
  const start = parameters.wholeNumber('start');
  const end = parameters.wholeNumber('end');
  if (start === undefined || end === undefined) return undefined;
  return { startUnixNano: BigInt(start) * 1_000n, endUnixNano: BigInt(end) * 1_000n + 999n };
}
