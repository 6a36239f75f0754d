import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createPeerMetrics, reportConnections } from './peer-metrics.ts';

const packet = {
  batch: new Uint8Array(10),
  spanCount: 3,
  format: 'zipkin_v1_thrift',
  listener: 'zipkin-compact',
} as const;

test('names and labels are those of dashboards', async () => {
  const registry = new Registry();
  const metrics = createPeerMetrics(registry);
  const connections = { open: 2, everOpened: 5 };
  reportConnections(registry, () => connections);
  metrics.received('zipkin-compact', 200);
  metrics.readFailed('zipkin-compact');
  metrics.queued(packet);
  metrics.queued(packet);
  metrics.forwarded(packet);
  const text = await registry.metrics();
  for (const line of [
    'jaeger_agent_thrift_udp_server_packet_size{model="zipkin",protocol="compact"} 200',
    'jaeger_agent_thrift_udp_server_read_errors_total{model="zipkin",protocol="compact"} 1',
    'jaeger_agent_thrift_udp_server_queue_size{model="zipkin",protocol="compact"} 1',
    'jaeger_agent_reporter_batch_size{format="zipkin",protocol="grpc"} 3',
    'jaeger_agent_reporter_spans_submitted_total{format="zipkin",protocol="grpc"} 3',
    'jaeger_agent_connection_status_collector_connected 1',
    'jaeger_agent_connection_status_collector_reconnects_total 5',
  ])
    expect(text.split('\n')).toContain(line);
  connections.open = 0;
  expect(await registry.metrics()).toContain('jaeger_agent_connection_status_collector_connected 0');
});
