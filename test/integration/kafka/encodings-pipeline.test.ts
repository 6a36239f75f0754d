import { randomUUID } from 'node:crypto';
import { SPAN_CODECS } from '@spoor/encodings';
import { afterAll, expect, test } from 'vitest';
import { createTraceRequests } from '../../fixtures/requests.ts';
import { httpSender } from '../../fixtures/senders.ts';
import { startAllInOne } from '../../harness/all-in-one.ts';
import { kafkaEnvironment, startCollector } from '../../harness/collector.ts';
import { type Kafka, startKafka } from '../../harness/kafka.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { storedSpanIds } from '../../harness/query-api.ts';

const outside = await startKafka();
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('between a Jaeger and a Jaeger: one reads what the collector writes, the other writes what is stored', async (context) => {
  const kafka = foundOrSkipped<Kafka>(outside, (note) => context.skip(note));
  const topic = `spans-${randomUUID()}`;
  await kafka.createTopic(topic, { partitions: 3 });
  await kafka.createTopic(`${topic}-dlq`, { partitions: 1 });
  const where = { brokers: kafka.brokers, topic };
  // By the names that the peer's v1 has.
  await using collector = await startCollector({ ...where, env: { KAFKA_PRODUCER_ENCODING: 'json' } });
  await using store = await startAllInOne({
    env: {
      ...kafkaEnvironment(where),
      SPOOR_SPAN_LOG_TYPE: 'kafka',
      KAFKA_CONSUMER_ENCODING: 'protobuf',
      SPOOR_INGESTER_GROUP: topic,
    },
  });

  const [ours, theirs] = [createTraceRequests(7, 5)(), createTraceRequests(8, 5)()];
  await httpSender(collector.addresses.otlpHttp).send(ours.bytes);
  const written = await kafka.read(topic, 5);
  const ids = written.map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()) as { spanId: string });
  expect(ids.map(({ spanId }) => Buffer.from(spanId, 'base64').toString('hex')).sort()).toEqual(
    [...ours.spanIds].sort(),
  );
  expect(written.map(({ key }) => Buffer.from(key ?? []).toString())).toEqual(ours.spanIds.map(() => ours.traceId));

  await kafka.write(topic, [
    ...SPAN_CODECS.jaeger_proto.encode!(theirs.bytes).map(({ value }) => ({ partition: 0, value, headers: {} })),
    { partition: 0, value: Buffer.from('not a span'), headers: {} },
  ]);
  for (const { traceId, spanIds } of [ours, theirs])
    await expect
      .poll(() => storedSpanIds(store.addresses.queryHttp, traceId), { timeout: 30_000 })
      .toEqual([...spanIds].sort());
  const [letter] = await kafka.read(`${topic}-dlq`, 1);
  expect(letter?.headers['spoor-dlq-reason']).toBe('malformed');
});
