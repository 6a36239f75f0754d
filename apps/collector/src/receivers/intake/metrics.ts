import { counterOf, reportValue } from '@spoor/metrics';
import type { DiscardReason, ErrorCode } from '@spoor/model';
import type { Registry } from 'prom-client';
import type { BytesInFlight } from './bytes-in-flight.ts';

export type Transport = 'http' | 'grpc' | 'udp';

export type OtlpFormat = 'protobuf' | 'json';

/** What spans come as; all but OTLP's are decoded on the way in. */
export type SpanFormat =
  | OtlpFormat
  | 'jaeger_proto'
  | 'jaeger_thrift'
  | 'zipkin_v1_json'
  | 'zipkin_v1_thrift'
  | 'zipkin_v2_json'
  | 'zipkin_v2_proto';

export interface ReceiverMetrics {
  received(transport: Transport, format: SpanFormat, spans: number): void;
  discarded(reason: DiscardReason, spans: number): void;
  refused(transport: Transport, code: ErrorCode): void;
}

export function createReceiverMetrics(registry: Registry, inFlight: BytesInFlight): ReceiverMetrics {
  const received = counterOf(registry, 'spoor_spans_received_total');
  const discarded = counterOf(registry, 'spoor_spans_discarded_total');
  const refused = counterOf(registry, 'spoor_receiver_refused_requests_total');
  reportValue(registry, 'spoor_receiver_bytes_in_flight', () => inFlight.heldBytes);
  reportValue(registry, 'spoor_receiver_bytes_in_flight_high_water', () => inFlight.highWaterBytes);
  return {
    received: (transport, format, spans) => received.inc({ transport, format }, spans),
    discarded: (reason, spans) => discarded.inc({ reason, stage: 'receiver' }, spans),
    refused: (transport, code) => refused.inc({ transport, code }),
  };
}
