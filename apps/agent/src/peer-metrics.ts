import { counterOf, gaugeOf, reportValue } from '@spoor/metrics';
import type { Registry } from 'prom-client';
import type { CollectorClient } from './forward/collector-client.ts';
import type { PacketFate } from './metrics.ts';
import type { Cause } from './packets/client-reports.ts';
import type { ReceivedPacket } from './packets/decode.ts';

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
  const batchSize = gaugeOf(registry, 'jaeger_agent_reporter_batch_size');
  const packetSize = gaugeOf(registry, 'jaeger_agent_thrift_udp_server_packet_size');
  const queueSize = gaugeOf(registry, 'jaeger_agent_thrift_udp_server_queue_size');
  const readErrors = counterOf(registry, 'jaeger_agent_thrift_udp_server_read_errors_total');
  const clientReceived = counterOf(registry, 'jaeger_agent_client_stats_batches_received_total');
  const clientSent = counterOf(registry, 'jaeger_agent_client_stats_batches_sent_total');
  return {
    received: (listener: string, bytes: number) => packetSize.set(serverOf(listener), bytes),
    queued: ({ listener }: ReceivedPacket) => queueSize.inc(serverOf(listener)),
    readFailed: (listener: string) => readErrors.inc(serverOf(listener)),
    numbered(batchesSent: number): void {
      clientReceived.inc();
      clientSent.inc(batchesSent);
    },
    taken: (listener: string) => processed.inc(serverOf(listener)),
    dropped(listener: string, reason: PacketFate): void {
      // What is too large cannot be decoded there, and is counted as such.
      const isUnreadable = reason === 'malformed' || reason === 'too_large';
      if (isUnreadable) processed.inc(serverOf(listener));
      (isUnreadable ? handlerErrors : dropped).inc(serverOf(listener));
    },
    droppedByClient: (cause: Cause, spans: number) => clientDropped.inc({ cause }, spans),
    forwarded(packet: ReceivedPacket): void {
      queueSize.dec(serverOf(packet.listener));
      batchSize.set(reporterOf(packet), packet.spanCount);
      batchesSubmitted.inc(reporterOf(packet));
      spansSubmitted.inc(reporterOf(packet), packet.spanCount);
    },
    lost(packet: ReceivedPacket): void {
      queueSize.dec(serverOf(packet.listener));
      batchesFailures.inc(reporterOf(packet));
      spansFailures.inc(reporterOf(packet), packet.spanCount);
    },
  };
}

/** Tells whether a collector is connected, as Jaeger's agent does. */
export function reportConnections(registry: Registry, connections: CollectorClient['connections']): void {
  reportValue(registry, 'jaeger_agent_connection_status_collector_connected', () => (connections().open > 0 ? 1 : 0));
  reportValue(registry, 'jaeger_agent_connection_status_collector_reconnects_total', () => connections().everOpened);
}

/** `jaeger-compact` is the model jaeger in the protocol compact. */
function serverOf(listener: string) {
  const [model = '', protocol = ''] = listener.split('-');
  return { model, protocol };
}

function reporterOf({ format }: ReceivedPacket) {
  return { format: format === 'zipkin_v1_thrift' ? 'zipkin' : 'jaeger', protocol: 'grpc' };
}
