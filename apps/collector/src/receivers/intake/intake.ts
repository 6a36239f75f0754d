import type { Clock, Rejection, Tenant, WriteOutcome } from '@spoor/model';
import { SpoorError } from '@spoor/model';
import { scanTraces, scanTracesJson } from '@spoor/otlp';
import type { SpanLogProducer } from '@spoor/span-log';
import type { ReceiverMetrics, SpanFormat, Transport } from './metrics.ts';
import { countOf } from './rejections.ts';

export interface SpanLimits {
  readonly maxFutureMs: number;
  readonly maxSpanBytes: number;
  readonly maxAttributeDepth: number;
}

export interface IntakeRequest {
  /** Inflated. Handed on as it is where possible: nobody may write to it any more. */
  readonly bytes: Uint8Array;
  /** What the sender sent: `bytes` are OTLP's JSON where it is `json`, else OTLP's protobuf, decoded or as it came. */
  readonly format: SpanFormat;
  readonly transport: Transport;
  readonly tenant: Tenant;
}

export interface IntakeOptions {
  readonly producer: SpanLogProducer;
  readonly metrics: ReceiverMetrics;
  readonly clock: Clock;
  readonly limits: SpanLimits;
  /** Takes note of the spans that the log has. */
  readonly observe?: ((bytes: Uint8Array) => void) | undefined;
}

/**
 * What every receiver shares: bytes are scanned and appended to the log, and the outcome comes back when the log is
 * responsible for the accepted spans. A sender that goes away meanwhile changes nothing: its spans are stored and counted.
 */
export class Intake {
  private readonly options: IntakeOptions;
  private readonly brokenOff = new AbortController();
  private isStopping = false;

  constructor(options: IntakeOptions) {
    this.options = options;
  }

  /** Throws a `SpoorError` when nothing of the request was taken, or when it is not known to have been. */
  async take({ bytes, format, transport, tenant }: IntakeRequest): Promise<WriteOutcome> {
    if (this.isStopping) throw new SpoorError('SPOOR_SHUTTING_DOWN', 'the process is stopping; send to another one');
    const { producer, metrics, clock, limits, observe } = this.options;
    const scan = format === 'json' ? scanTracesJson : scanTraces;
    const scanned = scan(bytes, { partitionCount: producer.partitionCount(), nowMs: clock.nowMs(), ...limits });
    const setAside = scanned.acceptedCount === 0 ? [] : await this.append(scanned.batches, tenant);
    if (observe !== undefined) for (const batch of scanned.batches) observe(batch.bytes);
    metrics.received(transport, format, scanned.spanCount);
    for (const { reason, spanCount } of scanned.rejected) metrics.discarded(reason, spanCount);
    // What the log set aside was counted where that happened.
    const rejected: readonly Rejection[] =
      setAside.length === 0 ? scanned.rejected : [...scanned.rejected, ...setAside];
    return { accepted: scanned.spanCount - countOf(rejected), rejected };
  }

  /** From now on every request is refused. Those under way go on. */
  refuseNew(): void {
    this.isStopping = true;
  }

  /** The grace period is over: whoever still waits for the log is told to send again. */
  breakOff(): void {
    this.brokenOff.abort(new SpoorError('SPOOR_SHUTTING_DOWN', 'the process stopped before the spans were stored'));
  }

  private append(
    batches: readonly { readonly partition: number; readonly spanCount: number; readonly bytes: Uint8Array }[],
    tenant: Tenant,
  ): Promise<readonly Rejection[]> {
    return this.options.producer.append(
      batches.map(({ partition, spanCount, bytes }) => ({
        tenant,
        encoding: 'otlp_proto' as const,
        partition,
        spanCount,
        bytes,
      })),
      { signal: this.brokenOff.signal },
    );
  }
}
