import { counterOf, reportValue } from '@spoor/metrics';
import type { Registry } from 'prom-client';
import type { BufferUse } from './forward/forwarder.ts';
import type { Cause } from './packets/client-reports.ts';
import type { ReceivedPacket } from './packets/decode.ts';
import { createPeerMetrics } from './peer-metrics.ts';

/** Why a datagram was thrown away. */
export type PacketFate = 'malformed' | 'too_large' | 'buffer_full';
/** Why spans that were taken did not reach a collector. */
export type SpanFate = 'refused' | 'stopping';

export interface AgentMetrics {
  received(listener: string, bytes: number): void;
  dropped(listener: string, reason: PacketFate): void;
  /** Packets that clients numbered and that never came. */
  neverArrived(packets: number): void;
  droppedByClient(cause: Cause, spans: number): void;
  /** A batch of a client that numbers them: how many it has sent since the last one, this one included. */
  numbered(batchesSent: number): void;
  /** The packet found room. */
  taken(listener: string): void;
  /** Its spans wait to be handed on, until they are forwarded or lost. */
  queued(packet: ReceivedPacket): void;
  readFailed(listener: string): void;
  forwarded(packet: ReceivedPacket): void;
  lost(reason: SpanFate, packet: ReceivedPacket): void;
  retried(): void;
  watchBuffer(use: () => BufferUse): void;
  watchSockets(drops: () => number): void;
  /** Clients that told of themselves lately. */
  watchClients(heardOf: () => number): void;
}

export function createAgentMetrics(registry: Registry): AgentMetrics {
  const packets = counterOf(registry, 'spoor_agent_packets_received_total');
  const packetBytes = counterOf(registry, 'spoor_agent_packet_bytes_total');
  const dropped = counterOf(registry, 'spoor_agent_packets_dropped_total');
  const missing = counterOf(registry, 'spoor_agent_packets_missing_total');
  const byClient = counterOf(registry, 'spoor_agent_client_dropped_spans_total');
  const forwardedBatches = counterOf(registry, 'spoor_agent_forwarded_batches_total');
  const forwardedSpans = counterOf(registry, 'spoor_agent_forwarded_spans_total');
  const lost = counterOf(registry, 'spoor_agent_dropped_spans_total');
  const retries = counterOf(registry, 'spoor_agent_retries_total');
  const peer = createPeerMetrics(registry);
  return {
    received(listener, bytes) {
      packets.inc({ listener });
      packetBytes.inc({ listener }, bytes);
      peer.received(listener, bytes);
    },
    dropped(listener, reason) {
      dropped.inc({ listener, reason });
      peer.dropped(listener, reason);
    },
    taken: (listener) => peer.taken(listener),
    queued: (packet) => peer.queued(packet),
    readFailed: (listener) => peer.readFailed(listener),
    numbered: (batchesSent) => peer.numbered(batchesSent),
    neverArrived: (count) => missing.inc(count),
    droppedByClient(cause, spans) {
      byClient.inc({ cause }, spans);
      peer.droppedByClient(cause, spans);
    },
    forwarded(packet) {
      forwardedBatches.inc();
      forwardedSpans.inc(packet.spanCount);
      peer.forwarded(packet);
    },
    lost(reason, packet) {
      lost.inc({ reason }, packet.spanCount);
      peer.lost(packet);
    },
    retried: () => retries.inc(),
    watchBuffer(use) {
      reportValue(registry, 'spoor_agent_buffer_bytes', () => use().bytes);
      reportValue(registry, 'spoor_agent_buffer_batches', () => use().batches);
      reportValue(registry, 'spoor_agent_buffer_high_water_bytes', () => use().highWaterBytes);
    },
    watchClients: (heardOf) => reportValue(registry, 'jaeger_agent_client_stats_connected_clients', heardOf),
    watchSockets: (drops) => reportValue(registry, 'spoor_agent_socket_drops_total', drops),
  };
}
