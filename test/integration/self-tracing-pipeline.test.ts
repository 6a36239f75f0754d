import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterAll, expect, test } from 'vitest';
import { GOLDEN_PACKETS } from '../../apps/agent/src/test/golden-packets.ts';
import { startAgent } from '../harness/agent.ts';
import { startAllInOne } from '../harness/all-in-one.ts';
import { kafkaEnvironment, startCollector } from '../harness/collector.ts';
import { freePorts } from '../harness/free-ports.ts';
import { type Kafka, startKafka } from '../harness/kafka.ts';
import { foundOrSkipped } from '../harness/outside.ts';
import { searchTraces } from '../harness/query-api.ts';

const outside = await startKafka();
const STORED = { timeout: 60_000, interval: 100 };
/** Spans of the golden packet. */
const PACKET_SPANS = 2;
/** What each process tells of a packet on its way. */
const OWN = [
  'spoor-agent: send spans to a collector',
  'spoor-collector: append spans to the log',
  'spoor: write spans to the storage',
];

afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('through agent, collector, Kafka and storage, what processes tell of themselves causes nothing more', async (context) => {
  const kafka = foundOrSkipped<Kafka>(outside, (note) => context.skip(note));
  const topic = `traced-${randomUUID().slice(0, 8)}`;
  // One partition: a packet is one record, and so one delivery.
  await kafka.createTopic(topic, { partitions: 1 });
  await kafka.createTopic(`${topic}-dlq`, { partitions: 1 });
  const where = { brokers: kafka.brokers, topic };
  const [port] = await freePorts(1);
  const all = {
    SPOOR_TRACING_ENABLED: 'true',
    SPOOR_TRACING_ENDPOINT: `http://127.0.0.1:${port}/v1/traces`,
    SPOOR_TRACING_REQUEST_RATIO: '1',
    SPOOR_TRACING_DELIVERY_RATIO: '1',
    SPOOR_TRACING_QUERY_RATIO: '0',
  };
  const [collector, spoor] = await Promise.all([
    startCollector({ ...where, env: { ...all, SPOOR_COLLECTOR_OTLP_HTTP_ENDPOINT: `127.0.0.1:${port}` } }),
    startAllInOne({
      env: { ...all, ...kafkaEnvironment(where), SPOOR_SPAN_LOG_TYPE: 'kafka', SPOOR_INGESTER_GROUP: topic },
    }),
  ]);
  const agent = await startAgent({ collectors: [collector.addresses.jaegerGrpc], env: all });
  const socket = createSocket('udp4');
  const told = async () => {
    const found = await Promise.all(
      ['spoor-agent', 'spoor-collector', 'spoor'].map(async (service) => {
        const traces = await searchTraces(spoor.addresses.queryHttp, { service, limit: '100' });
        return traces.flatMap(({ spans }) => spans.map(({ operationName }) => `${service}: ${operationName}`));
      }),
    );
    return found.flat().sort();
  };
  try {
    // Had the spans about one packet been traced as well, there would be more by the time that those of the next are stored.
    for (const count of [1, 2]) {
      socket.send(GOLDEN_PACKETS.jaegerBinary, Number(agent.addresses.jaegerBinary.split(':')[1]), '127.0.0.1');
      const expected = OWN.flatMap((one) => Array.from({ length: count }, () => one)).sort();
      await expect.poll(told, STORED).toEqual(expected);
    }
    expect((await collector.metrics()).sum('spoor_spans_received_total')).toBe(2 * (PACKET_SPANS + OWN.length));
  } finally {
    socket.close();
    await agent.stop();
    await collector.stop();
    await spoor.stop();
  }
});
