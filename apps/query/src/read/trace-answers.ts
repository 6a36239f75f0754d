import { setImmediate } from 'node:timers/promises';
import type { RequestContext, Span, TraceId } from '@spoor/model';
import type { SpanReader, TimeRange } from '@spoor/storage';
import { adjustTrace } from '../adjust/adjust.ts';
import { withWarning } from '../adjust/warnings.ts';

export interface TraceReadOptions {
  /** As stored, without the adjusters of CONTRACT §7.6. */
  readonly raw: boolean;
  /** Where to look first. */
  readonly hint?: TimeRange | undefined;
}

/** A trace whole, as an answer shows it. */
export interface ReadTrace {
  readonly traceId: TraceId;
  /** Never empty. */
  readonly spans: readonly Span[];
}

export interface TraceAnswers {
  /** `undefined` when there is no such trace. */
  readTrace(traceId: TraceId, context: RequestContext, options: TraceReadOptions): Promise<ReadTrace | undefined>;
  /** In the order of the ids; `undefined` for those that do not exist. A few are read ahead. */
  readTraces(
    traceIds: readonly TraceId[],
    context: RequestContext,
    options: TraceReadOptions,
  ): AsyncGenerator<{ readonly traceId: TraceId; readonly trace: ReadTrace | undefined }>;
}

/** Traces under way at a time within one request; each is held whole. */
const READ_AHEAD = 4;

export interface TraceAnswersOptions {
  readonly reader: SpanReader;
  /** Where a trace is looked for that the reader does not have. */
  readonly archive?: Pick<SpanReader, 'getTrace'> | undefined;
  readonly maxClockSkewAdjustmentNanos: bigint;
  /** Spans of one trace beyond this are left out, and a warning says so. 0 is no limit. */
  readonly maxTraceSpans: number;
}

export function createTraceAnswers(options: TraceAnswersOptions): TraceAnswers {
  const { reader, archive, maxClockSkewAdjustmentNanos } = options;
  const maxTraceSpans = options.maxTraceSpans === 0 ? Number.POSITIVE_INFINITY : options.maxTraceSpans;

  const readTrace: TraceAnswers['readTrace'] = async (traceId, context, options) => {
    const found = await readFrom(reader, traceId, context, options);
    return found ?? (archive === undefined ? undefined : readFrom(archive, traceId, context, options));
  };

  async function readFrom(
    source: Pick<SpanReader, 'getTrace'>,
    traceId: TraceId,
    context: RequestContext,
    { raw, hint }: TraceReadOptions,
  ): Promise<ReadTrace | undefined> {
    const spans: Span[] = [];
    let isCut = false;
    for await (const chunk of source.getTrace(traceId, context, hint)) {
      context.signal.throwIfAborted();
      const room = maxTraceSpans - spans.length;
      isCut = chunk.length > room;
      for (const span of isCut ? chunk.slice(0, room) : chunk) spans.push(span);
      if (isCut) break;
      // Decoding a chunk takes milliseconds: let other requests through before the next.
      await setImmediate();
    }
    if (spans.length === 0) return undefined;
    const answered = raw ? spans : adjustTrace(spans, { maxClockSkewAdjustmentNanos });
    return { traceId, spans: isCut ? withCutWarning(answered, maxTraceSpans) : answered };
  }

  return {
    readTrace,
    async *readTraces(traceIds, context, readOptions) {
      const underWay: { traceId: TraceId; trace: Promise<ReadTrace | undefined> }[] = [];
      let next = 0;
      while (next < traceIds.length || underWay.length > 0) {
        while (next < traceIds.length && underWay.length < READ_AHEAD) {
          const traceId = traceIds[next]!;
          const trace = readTrace(traceId, context, readOptions);
          // When an earlier one fails nobody waits for this one: its own failure must not go unhandled.
          trace.catch(() => undefined);
          underWay.push({ traceId, trace });
          next += 1;
        }
        const { traceId, trace } = underWay.shift()!;
        yield { traceId, trace: await trace };
      }
    },
  };
}

function withCutWarning(spans: readonly Span[], maxTraceSpans: number): readonly Span[] {
  const [first, ...others] = spans;
  if (first === undefined) return spans;
  return [
    withWarning(first, `the trace has more than ${maxTraceSpans} spans; the others are left out of this answer`),
    ...others,
  ];
}
