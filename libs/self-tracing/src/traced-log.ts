import type { SpanLogProducer } from '@spoor/span-log';
import type { SpanWriter } from '@spoor/storage';
import { carriesOwnTelemetry } from './own-telemetry.ts';
import type { SelfTracing, Work, WorkKind } from './self-tracing.ts';

/** Traces requests on their way to the log: one span from when they are scanned until the log is responsible for them. */
export function tracedProducer(producer: SpanLogProducer, tracing: SelfTracing): SpanLogProducer {
  if (!tracing.isOn) return producer;
  return {
    partitionCount: () => producer.partitionCount(),
    append: (batches, context) =>
      traceBatches(tracing, 'append spans to the log', 'request', batches, () => producer.append(batches, context)),
  };
}

/** Traces deliveries from the log: one span for each write to the storage, whether it succeeds or not. */
export function tracedWriter(writer: SpanWriter, tracing: SelfTracing): SpanWriter {
  if (!tracing.isOn) return writer;
  return {
    write: (batches, context) =>
      traceBatches(tracing, 'write spans to the storage', 'delivery', batches, () => writer.write(batches, context)),
  };
}

/** Traces a batch on its way from an agent to a collector. */
export function tracedSend<T>(bytes: Uint8Array, tracing: SelfTracing, send: () => Promise<T>): Promise<T> {
  return traced(tracing, { name: 'send spans to a collector', kind: 'delivery' }, [bytes], send);
}

interface Batch {
  readonly bytes: Uint8Array;
  readonly spanCount: number;
}

function traceBatches<T>(
  tracing: SelfTracing,
  name: string,
  kind: WorkKind,
  batches: readonly Batch[],
  run: () => Promise<T>,
): Promise<T> {
  const sizes = {
    'spoor.batches': batches.length,
    'spoor.spans': batches.reduce((sum, { spanCount }) => sum + spanCount, 0),
  };
  return traced(
    tracing,
    { name, kind, attributes: sizes },
    batches.map(({ bytes }) => bytes),
    run,
  );
}

/** Not when any of the spans is one of Spoor's own: then the rest of them is not traced either. */
async function traced<T>(
  tracing: SelfTracing,
  work: Work,
  bytes: readonly Uint8Array[],
  run: () => Promise<T>,
): Promise<T> {
  const begun = tracing.begin(work, () => !bytes.some(carriesOwnTelemetry));
  if (begun === undefined) return run();
  const size = { 'spoor.bytes': bytes.reduce((sum, { length }) => sum + length, 0) };
  try {
    const result = await begun.within(run);
    begun.end(size);
    return result;
  } catch (error) {
    begun.end(size, error);
    throw error;
  }
}
