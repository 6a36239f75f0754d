import type { Metadata, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { RequestContext, Span } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { encodeTraces } from '@spoor/otlp';
import type { QueryEnvironment } from '../http/environment.ts';
import { parseSpanKind } from '../http/parameters.ts';
import { readTraceId } from '../jaeger-json/ids.ts';
import { encodedChunks } from '../read/encoded-chunks.ts';
import { presentedOperations } from '../read/operations.ts';
import { invalid, summaryMessage, type TraceQueryMessage, traceQueryOf } from './messages.ts';
import type { MethodWrapper } from './methods.ts';
import { nanosOf, type ProtoTime } from './timestamps.ts';

/** Summaries in one message. */
const SUMMARIES_PER_MESSAGE = 200;

interface GetTraceMessage {
  readonly traceId?: string;
  readonly startTime?: ProtoTime | null;
  readonly endTime?: ProtoTime | null;
  readonly rawTraces?: boolean;
}

interface SearchMessage {
  readonly query?: TraceQueryMessage | null;
}

interface GetOperationsMessage {
  readonly service?: string;
  readonly spanKind?: string;
}

interface GetDependenciesMessage {
  readonly startTime?: ProtoTime | null;
  readonly endTime?: ProtoTime | null;
}

/** `jaeger.api_v3.QueryService` (CONTRACT §7.5). */
export function queryService(environment: QueryEnvironment, methods: MethodWrapper): UntypedServiceImplementation {
  const { reader, dependencies, answers, maxSearchDepth } = environment;

  return {
    GetTrace: methods.streaming<GetTraceMessage, Uint8Array>('get_trace', async function* (message, context) {
      const traceId = readTraceId(message.traceId ?? '');
      if (traceId === undefined)
        throw invalid('malformed trace_id: up to 32 hex digits, or the base64 of 16 bytes, not all zero');
      const startUnixNano = nanosOf('start_time', message.startTime);
      const endUnixNano = nanosOf('end_time', message.endTime);
      const hint =
        startUnixNano === undefined || endUnixNano === undefined ? undefined : { startUnixNano, endUnixNano };
      const trace = await answers.readTrace(traceId, context, { raw: message.rawTraces ?? false, hint });
      if (trace === undefined) throw new SpoorError('SPOOR_NOT_FOUND', 'trace not found');
      yield* encoded(trace.spans);
    }),

    FindTraces: methods.streaming<SearchMessage, Uint8Array>(
      'find_traces',
      async function* (message, context, trailer) {
        const traceIds = await find(message, context, trailer);
        const raw = message.query?.rawTraces ?? false;
        for await (const { trace } of answers.readTraces(traceIds, context, { raw }))
          if (trace !== undefined) yield* encoded(trace.spans);
      },
    ),

    FindTraceSummaries: methods.streaming<SearchMessage, unknown>(
      'find_trace_summaries',
      async function* (message, context, trailer) {
        const traceIds = await find(message, context, trailer);
        for (let from = 0; from < traceIds.length; from += SUMMARIES_PER_MESSAGE) {
          const some = traceIds.slice(from, from + SUMMARIES_PER_MESSAGE);
          const summaries = await reader.summariseTraces(some, context);
          yield { summaries: summaries.map(summaryMessage) };
        }
      },
    ),

    GetServices: methods.unary<unknown>('get_services', async (_message, context) => ({
      services: await reader.getServices(context),
    })),

    GetOperations: methods.unary<GetOperationsMessage>('get_operations', async ({ service, spanKind }, context) => {
      if (!service) throw invalid('missing service');
      const operations = await reader.getOperations(service, context);
      return { operations: presentedOperations(operations, spanKind ? parseSpanKind(spanKind) : undefined) };
    }),

    GetDependencies: methods.unary<GetDependenciesMessage>('get_dependencies', async (message, context) => {
      const startUnixNano = nanosOf('start_time', message.startTime);
      const endUnixNano = nanosOf('end_time', message.endTime);
      if (startUnixNano === undefined || endUnixNano === undefined)
        throw invalid('start_time and end_time are required');
      if (startUnixNano > endUnixNano) throw invalid('start_time must not be after end_time');
      const links = await dependencies.getDependencies({ startUnixNano, endUnixNano }, context);
      return {
        dependencies: links.map(({ parent, child, callCount }) => ({ parent, child, callCount: String(callCount) })),
      };
    }),
  };

  async function find(message: SearchMessage, context: RequestContext, trailer: Metadata): Promise<readonly string[]> {
    const found = await reader.findTraces(traceQueryOf(message.query, maxSearchDepth), context);
    if (found.incomplete !== undefined) trailer.set('spoor-incomplete', encodeURIComponent(found.incomplete));
    return found.items.map(({ traceId }) => traceId);
  }
}

async function* encoded(spans: readonly Span[]): AsyncGenerator<Uint8Array> {
  for await (const bytes of encodedChunks(spans, encodeTraces))
    yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
