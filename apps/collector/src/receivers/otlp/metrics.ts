import type { DiscardReason, ErrorCode } from '@spoor/model';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { OtlpFormat } from './answers.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';

export type Transport = 'http' | 'grpc';

export interface ReceiverMetrics {
  received(transport: Transport, format: OtlpFormat, spans: number): void;
  discarded(reason: DiscardReason, spans: number): void;
  refused(transport: Transport, code: ErrorCode): void;
}

/** Counters of several stages share a name, so whichever comes first registers it. */
function counter<Label extends string>(registry: Registry, name: string, help: string, labelNames: readonly Label[]) {
  const known = registry.getSingleMetric(name) as Counter<Label> | undefined;
  return known ?? new Counter({ name, help, labelNames: [...labelNames], registers: [registry] });
}

export function createReceiverMetrics(registry: Registry, inFlight: BytesInFlight): ReceiverMetrics {
  const received = counter(registry, 'spoor_spans_received_total', 'Spans in requests that were answered for good', [
    'transport',
    'format',
  ]);
  const discarded = counter(registry, 'spoor_spans_discarded_total', 'Spans that will never be stored, and why', [
    'reason',
    'stage',
  ]);
  const refused = counter(
    registry,
    'spoor_receiver_refused_requests_total',
    'Requests none of whose spans was taken, by the code of the error that the sender got',
    ['transport', 'code'],
  );
  new Gauge({
    name: 'spoor_receiver_bytes_in_flight',
    help: 'Bytes of requests that are held and not yet answered',
    registers: [registry],
    collect() {
      this.set(inFlight.heldBytes);
    },
  });
  new Gauge({
    name: 'spoor_receiver_bytes_in_flight_high_water',
    help: 'The most bytes of unanswered requests that were ever held at once',
    registers: [registry],
    collect() {
      this.set(inFlight.highWaterBytes);
    },
  });
  return {
    received: (transport, format, spans) => received.inc({ transport, format }, spans),
    discarded: (reason, spans) => discarded.inc({ reason, stage: 'receiver' }, spans),
    refused: (transport, code) => refused.inc({ transport, code }),
  };
}
