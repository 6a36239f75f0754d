import type { KafkaClientName, SpanLogHandler } from '@spoor/span-log';
import { kafkaSpanLogConfig } from '@spoor/span-log';
import kafkajs from 'kafkajs';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { FetchedRecord, KafkaDriver, SendFailed } from '../../../libs/span-log/src/kafka/driver.ts';
import { GroupConsumer } from '../../../libs/span-log/src/kafka/group-consumer.ts';
import { createKafkajsDriver } from '../../../libs/span-log/src/kafka/kafkajs.ts';
import { createPlatformaticDriver } from '../../../libs/span-log/src/kafka/platformatic.ts';
import { createLogMetrics } from '../../../libs/span-log/src/log-metrics.ts';
import type { Kafka } from '../../harness/kafka.ts';
import { openLog } from './open-log.ts';

// CommonJS, whose names Node cannot import one by one.
const { Kafka: Kafkajs, logLevel } = kafkajs;
const NEVER = new AbortController().signal;
const SEEN = { timeout: 30_000, interval: 20 };
const ignore: SendFailed = () => {};

/** The driver, but that what its member fetched is lost on the way for as long as the member is not started again. */
function losing(driver: KafkaDriver): { readonly driver: KafkaDriver; readonly lost: FetchedRecord[] } {
  const lost: FetchedRecord[] = [];
  return {
    lost,
    driver: {
      ...driver,
      member(group, topic) {
        const member = driver.member(group, topic);
        let loses = true;
        return {
          start(events) {
            member.start({
              revoked: () => events.revoked(),
              assigned: (partitions) => events.assigned(partitions),
              records(partition, records, end) {
                if (loses) lost.push(...records);
                else events.records(partition, records, end);
              },
              skipped: (partition, next) => events.skipped(partition, next),
              trouble: (doing, error) => events.trouble(doing, error),
            });
          },
          pause: (partition) => member.pause(partition),
          resume: (partition) => member.resume(partition),
          commit: (partition, offset) => member.commit(partition, offset),
          restart() {
            loses = false;
            member.restart();
          },
          close: () => member.close(),
        };
      },
    },
  };
}

/** A fetch that comes to nothing, by the real client and brokers: found by comparing offsets, and fetched anew. */
export function testStall(client: KafkaClientName, kafka: () => Kafka): void {
  test('what was fetched and got lost is found by comparing offsets, and fetched anew', async () => {
    const topic = `stall-${client}-${process.pid}-${Date.now()}`;
    await kafka().createTopic(topic);
    await kafka().write(topic, [
      { partition: 0, value: Buffer.from('a'), headers: {} },
      { partition: 1, value: Buffer.from('b'), headers: {} },
    ]);
    const config = kafkaSpanLogConfig({
      brokers: kafka().brokers,
      client,
      topic,
      sessionTimeoutMs: 6_000,
      stallTimeoutMs: 400,
    });
    const create = client === 'kafkajs' ? createKafkajsDriver : createPlatformaticDriver;
    const real = create(config, ignore);
    const { driver, lost } = losing(real);
    const seen: string[] = [];
    const metrics = new Registry();
    const handler = async (records: readonly { readonly bytes: Uint8Array }[]) => {
      seen.push(...records.map(({ bytes }) => Buffer.from(bytes).toString()));
      return [];
    };
    const consumer = new GroupConsumer('stall', handler, config, {
      driver: async () => driver,
      placeLetter: async () => {},
      codecs: {},
      logger: pino({ level: 'silent' }),
      metrics: createLogMetrics(metrics),
      clock: { nowMs: Date.now },
    });
    await consumer.start();
    // The group may begin anew before that, and what is not committed is fetched again.
    await expect.poll(() => [...new Set(seen)].sort(), SEEN).toEqual(['a', 'b']);
    expect(lost.length).toBeGreaterThanOrEqual(1);
    await expect.poll(() => consumer.lag().records, SEEN).toBe(0);
    const stalls = await metrics.getSingleMetric('spoor_span_log_stalls_total')?.get();
    expect(stalls?.values[0]?.value).toBeGreaterThanOrEqual(1);
    await expect.poll(() => consumer.readiness(), SEEN).toEqual({ ready: true });
    await consumer.stop(NEVER);
    await real.close();
  });

  test('marks of transactions at the end of a partition are committed over, and are no lag', async () => {
    const { log, topic } = await openLog(kafka(), { client, stallTimeoutMs: 400 });
    await log.start();
    const producer = new Kafkajs({ brokers: [...kafka().brokers], logLevel: logLevel.NOTHING }).producer({
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    const commitOne = async (value: string) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ partition: 0, value }] });
      await transaction.commit();
    };
    await commitOne('a');
    const seen: string[] = [];
    const handler: SpanLogHandler = async (records) => {
      seen.push(...records.map(({ bytes }) => Buffer.from(bytes).toString()));
      return [];
    };
    const consumer = log.consumer('marks', handler);
    await consumer.start();
    await expect.poll(() => seen, SEEN).toEqual(['a']);
    await expect.poll(() => consumer.lag().records, SEEN).toBe(0);
    await commitOne('b');
    await producer.disconnect();
    await expect.poll(() => seen, SEEN).toEqual(['a', 'b']);
    await expect.poll(() => consumer.lag().records, SEEN).toBe(0);
    await consumer.stop(NEVER);
    const next = log.consumer('marks', handler);
    await next.start();
    // The brokers say so too: nothing is left to a member that begins anew.
    await expect.poll(() => next.lag(), SEEN).toEqual({ records: 0, spans: 0, bytes: 0, seconds: 0 });
    await next.stop(NEVER);
    await log.stop(NEVER);
    expect(seen).toEqual(['a', 'b']);
  });
}
