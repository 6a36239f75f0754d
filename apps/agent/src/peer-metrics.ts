import { counterOf } from '@spoor/metrics';
import type { Registry } from 'prom-client';
import type { PacketFate } from './metrics.ts';
import type { Cause } from './packets/client-reports.ts';
import type { SpanPacket } from './packets/decode.ts';

/** Counts under the names of Jaeger's agent, which dashboards have (CONTRACT §1.3). Beside our own, never instead. */
export function createPeerMetrics(registry: Registry) {
  const batchesSubmitted = counterOf(registry, 'jaeger_agent_reporter_batches_submitted_total');
  const batchesFailures = counterOf(registry, 'jaeger_agent_reporter_batches_failures_total');
  const spansSubmitted = counterOf(registry, 'jaeger_agent_reporter_spans_submitted_total');
  const spansFailures = counterOf(registry, 'jaeger_agent_reporter_spans_failures_total');
  const processed = counterOf(registry, 'jaeger_agent_thrift_udp_server_packets_processed_total');
  const dropped = counterOf(registry, 'jaeger_agent_thrift_udp_server_packets_dropped_total');
  const handlerErrors = counterOf(registry, 'jaeger_agent_thrift_udp_t_processor_handler_errors_total');
  const clientDropped = counterOf(registry, 'jaeger_agent_client_stats_spans_dropped_total');
  return {
    taken: (listener: string) => processed.inc(serverOf(listener)),
    dropped(listener: string, reason: PacketFate): void {
      // What is too large cannot be decoded there, and is counted as such.
      const isUnreadable = reason === 'malformed' || reason === 'too_large';
      if (isUnreadable) processed.inc(serverOf(listener));
      (isUnreadable ? handlerErrors : dropped).inc(serverOf(listener));
    },
    droppedByClient: (cause: Cause, spans: number) => clientDropped.inc({ cause }, spans),
    forwarded(packet: SpanPacket): void {
      batchesSubmitted.inc(reporterOf(packet));
      spansSubmitted.inc(reporterOf(packet), packet.spanCount);
    },
    lost(packet: SpanPacket): void {
      batchesFailures.inc(reporterOf(packet));
      spansFailures.inc(reporterOf(packet), packet.spanCount);
    },
  };
}

/** `jaeger-compact` is the model jaeger in the protocol compact. */
function serverOf(listener: string) {
  const [model = '', protocol = ''] = listener.split('-');
  return { model, protocol };
}

function reporterOf({ format }: SpanPacket) {
  return { format: format === 'zipkin_v1_thrift' ? 'zipkin' : 'jaeger', protocol: 'grpc' };
}
