import { randomUUID } from 'node:crypto';
import type { KafkaClientName, KafkaSpanLog, SpanLogConsumer } from '@spoor/span-log';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { runSpoor } from '../../harness/cli.ts';
import { type KafkaCluster, startKafkaCluster } from '../../harness/kafka-cluster.ts';
import { foundOrSkipped } from '../../harness/outside.ts';
import { openLog } from './open-log.ts';

const SEEN = { timeout: 60_000, interval: 50 };
const CLIENTS: readonly KafkaClientName[] = ['platformatic', 'kafkajs'];

const outside = await startKafkaCluster(3);
afterAll(async () => {
  if ('found' in outside) await outside.found.stop();
});

test('there is a Kafka of three brokers', (context) => {
  foundOrSkipped<KafkaCluster>(outside, (note) => context.skip(note));
});

describe.skipIf('missing' in outside).each(CLIENTS)('several brokers by %s', (client) => {
  const kafka = 'found' in outside ? outside.found : undefined;
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  /** New topics, whose spans have these replicas. */
  async function topicOf(...replicas: number[][]): Promise<string> {
    const topic = `spans-${randomUUID()}`;
    await kafka!.createPlacedTopic(topic, replicas);
    await kafka!.createPlacedTopic(`${topic}-dlq`, [[1]]);
    return topic;
  }

  async function open(topic: string): Promise<KafkaSpanLog> {
    const { log } = await openLog(kafka!, { client, topic });
    await log.start();
    stops.push(() => log.stop(AbortSignal.abort()));
    return log;
  }

  async function consume(log: KafkaSpanLog, group: string): Promise<{ seen: string[]; consumer: SpanLogConsumer }> {
    const seen: string[] = [];
    const consumer = log.consumer(group, async (records) => {
      seen.push(...records.map(({ bytes }) => Buffer.from(bytes).toString()));
      return [];
    });
    await consumer.start();
    stops.push(() => consumer.stop(AbortSignal.abort()));
    return { seen, consumer };
  }

  /** Kills a broker; the answer starts it again, once. */
  async function lose(id: number): Promise<() => Promise<void>> {
    await kafka!.broker(id).kill();
    let reviving: Promise<void> | undefined;
    return () => {
      reviving ??= kafka!.broker(id).revive();
      return reviving;
    };
  }

  /** Tells what became of it: taken, or the message with which the sender is told to wait. */
  async function append(log: KafkaSpanLog, partition: number, content: string): Promise<string> {
    const batch = { tenant: 'default', encoding: 'otlp_proto' as const, partition, spanCount: 1 };
    try {
      const signal = AbortSignal.timeout(8_000);
      await log.producer().append([{ ...batch, bytes: Buffer.from(content) }], { signal });
      return 'taken';
    } catch (error) {
      expect(error).toMatchObject({ kind: 'retryable' });
      return String(error);
    }
  }

  test('what has no leader waits, and the rest is written and read by old and new processes', async () => {
    const topic = await topicOf([1], [2], [3]);
    const log = await open(topic);
    const { seen } = await consume(log, 'old');
    for (const partition of [0, 1, 2]) expect(await append(log, partition, `${partition}`)).toBe('taken');
    await expect.poll(() => seen.toSorted(), SEEN).toEqual(['0', '1', '2']);

    const revive = await lose(2);
    try {
      await expect.poll(() => append(log, 1, 'lost'), SEEN).toMatch(/partition 1 of .* has no leader/);
      for (const partition of [0, 2]) expect(await append(log, partition, `${partition} without`)).toBe('taken');
      await expect.poll(() => seen.toSorted(), SEEN).toEqual(['0', '0 without', '1', '2', '2 without']);
      expect(log.readiness()).toEqual({ ready: true });

      const late = await open(topic);
      const afresh = await consume(late, 'new');
      await expect.poll(() => afresh.seen.toSorted(), SEEN).toEqual(['0', '0 without', '2', '2 without']);
      expect(late.producer().partitionCount()).toBe(3);
      for (const partition of [0, 2]) expect(await append(late, partition, `${partition} late`)).toBe('taken');
      await expect.poll(() => seen.length, SEEN).toBe(7);
      expect(await append(late, 1, 'lost too')).toMatch(/partition 1 of .* has no leader/);

      const settings = { SPOOR_KAFKA_BROKERS: kafka!.brokers.join(','), SPOOR_KAFKA_TOPIC: topic };
      const verified = await runSpoor(['topics', 'verify'], settings);
      expect(verified).toMatchObject({
        code: 1,
        stdout: expect.stringContaining(`${topic}: partitions without a leader: 1`),
      });
      const described = await runSpoor(['topics', 'describe', '--json'], settings);
      expect(described.stderr).toBe('');
      const leaders = JSON.parse(described.stdout).partitions.map(({ leader }: { leader: number }) => leader);
      expect(leaders).toEqual([1, -1, 3]);

      await revive();
      for (const one of [log, late]) await expect.poll(() => append(one, 1, 'back'), SEEN).toBe('taken');
      await expect.poll(() => afresh.seen, SEEN).toEqual(expect.arrayContaining(['1', 'back']));
      await expect.poll(() => seen.filter((content) => content === 'back'), SEEN).toHaveLength(2);
    } finally {
      await revive();
    }
  }, 180_000);

  test('where leaders of partitions that one broker led are shared out, writing and reading go on', async () => {
    const topic = await topicOf([2, 1], [2, 3], [2, 1], [2, 3]);
    const log = await open(topic);
    const { seen } = await consume(log, 'shared');
    const all = (content: string) =>
      Promise.all([0, 1, 2, 3].map((partition) => append(log, partition, `${partition} ${content}`)));
    expect(await all('before')).toEqual(['taken', 'taken', 'taken', 'taken']);
    const revive = await lose(2);
    try {
      await expect.poll(() => all('after'), SEEN).toEqual(['taken', 'taken', 'taken', 'taken']);
      const expected = [0, 1, 2, 3].map((partition) => `${partition} after`);
      await expect.poll(() => seen, SEEN).toEqual(expect.arrayContaining(expected));
    } finally {
      await revive();
    }
  }, 180_000);
});
