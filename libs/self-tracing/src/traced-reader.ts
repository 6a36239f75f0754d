import type { SpanReader } from '@spoor/storage';
import type { Attributes, SelfTracing } from './self-tracing.ts';

/** Traces what a query asks of the storage, as steps of the query. */
export function tracedReader(reader: SpanReader, tracing: SelfTracing): SpanReader {
  if (!tracing.isOn) return reader;

  async function step<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T> {
    const traced = tracing.beginStep(`storage ${name}`, attributes);
    if (traced === undefined) return run();
    try {
      const result = await traced.within(run);
      traced.end();
      return result;
    } catch (error) {
      traced.end({}, error);
      throw error;
    }
  }

  return {
    getTrace(traceId, context, hint) {
      const chunks = reader.getTrace(traceId, context, hint);
      const traced = tracing.beginStep('storage getTrace');
      return traced === undefined ? chunks : counted(chunks, traced);
    },
    findTraces: (query, context) =>
      step('findTraces', { 'spoor.limit': query.limit }, () => reader.findTraces(query, context)),
    summariseTraces: (traceIds, context) =>
      step('summariseTraces', { 'spoor.traces': traceIds.length }, () => reader.summariseTraces(traceIds, context)),
    getServices: (context) => step('getServices', {}, () => reader.getServices(context)),
    getOperations: (service, context, kind) =>
      step('getOperations', {}, () => reader.getOperations(service, context, kind)),
  };
}

/** Ends the step with the last chunk, or when nobody wants any more. */
async function* counted<T>(
  chunks: AsyncIterable<readonly T[]>,
  traced: { end(attributes?: Attributes, error?: unknown): void },
): AsyncIterable<readonly T[]> {
  let spans = 0;
  let failure: unknown;
  try {
    for await (const chunk of chunks) {
      spans += chunk.length;
      yield chunk;
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    traced.end({ 'spoor.spans': spans }, failure);
  }
}
