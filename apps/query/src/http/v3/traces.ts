import { setImmediate } from 'node:timers/promises';
import type { RequestContext, Span } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { encodeTraces, tracesToJsonPieces } from '@spoor/otlp';
import type { TimeRange } from '@spoor/storage';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { encodedChunks } from '../../read/encoded-chunks.ts';
import type { ReadTrace } from '../../read/trace-answers.ts';
import type { QueryEnvironment } from '../environment.ts';
import { traceIdOf } from '../legacy/search-query.ts';
import { Parameters } from '../parameters.ts';
import { contextOf } from '../request-context.ts';
import { startedStream } from '../streaming.ts';
import { v3TraceQuery, wantsRawTraces } from './search-query.ts';

/** Characters of JSON written at a time. */
const JSON_PIECE_LENGTH = 256 * 1024;

const PROTOBUF = 'application/x-protobuf';

/** What follows the data in JSON, and comes as headers before it in protobuf. */
interface Addition {
  readonly nextPage?: string | undefined;
  readonly incomplete?: string | undefined;
}

/** `/api/v3/traces` and `/api/v3/traces/{id}` (CONTRACT §7.5), as JSON or, where `Accept` asks for it, as OTLP protobuf. */
export function registerV3Traces(app: FastifyInstance, environment: QueryEnvironment): void {
  const { reader, answers, maxSearchDepth } = environment;

  app.get<{ Params: { id: string } }>(
    '/api/v3/traces/:id',
    { config: { operation: 'get_trace' } },
    async (request, reply) => {
      const parameters = new Parameters(request.query);
      const traceId = traceIdOf('trace_id', request.params.id);
      const raw = parameters.boolean(['rawTraces', 'raw_traces']);
      const hint = hintOf(parameters);
      const trace = await answers.readTrace(traceId, contextOf(request), { raw, hint });
      if (trace === undefined) throw noTraces();
      return sendTraces(request, reply, oneTrace(trace), {});
    },
  );

  app.get('/api/v3/traces', { config: { operation: 'find_traces' } }, async (request, reply) => {
    const parameters = new Parameters(request.query);
    const context = contextOf(request);
    const raw = wantsRawTraces(parameters);
    const found = await reader.findTraces(v3TraceQuery(parameters, maxSearchDepth), context);
    const { nextPage, incomplete } = found;
    const ids = found.items.map(({ traceId }) => traceId);
    return sendTraces(request, reply, existing(environment, ids, context, raw), { nextPage, incomplete });
  });
}

async function* oneTrace(trace: ReadTrace): AsyncGenerator<readonly Span[]> {
  yield trace.spans;
}

/** Throws `SPOOR_NOT_FOUND` when none of the traces exists. */
async function* existing(
  { answers }: QueryEnvironment,
  ids: readonly string[],
  context: RequestContext,
  raw: boolean,
): AsyncGenerator<readonly Span[]> {
  let isEmpty = true;
  for await (const { trace } of answers.readTraces(ids, context, { raw })) {
    if (trace === undefined) continue;
    isEmpty = false;
    yield trace.spans;
  }
  if (isEmpty) throw noTraces();
}

async function sendTraces(
  request: FastifyRequest,
  reply: FastifyReply,
  traces: AsyncGenerator<readonly Span[]>,
  addition: Addition,
): Promise<FastifyReply> {
  if (!wantsProtobuf(request)) {
    const body = await startedStream(jsonPieces(traces, addition));
    return reply.type('application/json').send(body);
  }
  const body = await startedStream(protobufPieces(traces));
  if (addition.nextPage !== undefined) reply.header('Spoor-Next-Page', encodeURIComponent(addition.nextPage));
  if (addition.incomplete !== undefined) reply.header('Spoor-Incomplete', encodeURIComponent(addition.incomplete));
  return reply.type(PROTOBUF).header('Vary', 'Accept').send(body);
}

/** TracesData messages one after the other are one TracesData message. */
async function* protobufPieces(traces: AsyncGenerator<readonly Span[]>): AsyncGenerator<Uint8Array> {
  for await (const spans of traces) yield* encodedChunks(spans, encodeTraces);
}

async function* jsonPieces(traces: AsyncGenerator<readonly Span[]>, addition: Addition): AsyncGenerator<string> {
  let text = '{"result":{"resourceSpans":[';
  let separator = '';
  for await (const spans of traces) {
    text += separator;
    separator = ',';
    for (const piece of resourceSpansText(spans)) {
      text += piece;
      if (text.length < JSON_PIECE_LENGTH) continue;
      yield text;
      text = '';
      // Other requests get their turn.
      await setImmediate();
    }
  }
  const rest = JSON.stringify(addition).slice(1, -1);
  yield `${text}]}${rest === '' ? '' : `,${rest}`}}`;
}

/** What stands between the brackets of `{"resourceSpans":[…]}`. */
function* resourceSpansText(spans: readonly Span[]): Generator<string> {
  const opening = '{"resourceSpans":[';
  let held: string | undefined;
  for (const piece of tracesToJsonPieces(spans)) {
    if (held === undefined) held = piece.slice(opening.length);
    else {
      yield held;
      held = piece;
    }
  }
}

function wantsProtobuf(request: FastifyRequest): boolean {
  return /\bapplication\/(?:x-)?protobuf\b/i.test(request.headers.accept ?? '');
}

function noTraces(): SpoorError {
  return new SpoorError('SPOOR_NOT_FOUND', 'No traces found');
}

function hintOf(parameters: Parameters): TimeRange | undefined {
  const startUnixNano = parameters.rfc3339(['startTime', 'start_time']);
  const endUnixNano = parameters.rfc3339(['endTime', 'end_time']);
  if (startUnixNano === undefined || endUnixNano === undefined) return undefined;
  return { startUnixNano, endUnixNano };
}
